#include "shared/runtime/due_loop.h"

#include <algorithm>
#include <utility>

#include "shared/core/text.h"
#include "shared/db/tx.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"

namespace renxin::runtime {
namespace {

// How many rows of a kind a process takes at a time: others may run the rest.
constexpr std::size_t kAhead = 16;
constexpr std::size_t kFailureMax = 300;

// Which rows of a kind.
struct Which {
  const char* than;  // how their time compares with `at`; null: all
  Instant at;
};

// The first rows of each kind, as one statement.
struct ForEach {
  ForEach(const std::vector<std::string>& kinds, Which which, const std::string& rest) {
    // Cast: what SQLite makes of several selects has no type.
    const std::string columns = "cast(kind as text), cast(key as text), cast(due_at as bigint)";
    for (const std::string& kind : kinds) {
      const std::string number = std::to_string(names.size());
      const std::string& name = names.emplace_back("kind" + number);
      sql += (sql.empty() ? "select " : " union all select ") + columns +
             " from (select kind, key, due_at from timers where kind = :" + name + " and failed_at is null ";
      binds.emplace_back(name, kind);
      if (which.than != nullptr) {
        sql += std::string("and due_at ") + which.than + " :" + names.emplace_back("at" + number) + " ";
        binds.emplace_back(names.back(), which.at.micros);
      }
      sql += rest + ") as t" + number;
    }
  }
  ForEach(const ForEach&) = delete;
  ForEach& operator=(const ForEach&) = delete;

  std::deque<std::string> names;  // which the binds refer to
  std::string sql;
  db::Binds binds;
};

}  // namespace

DueLoop::DueLoop(std::vector<Kind> kinds, std::string url, RunRow run, std::chrono::milliseconds delay)
    : url_(std::move(url)), run_(std::move(run)) {
  if (kinds.empty()) return;
  for (const Kind& kind : kinds) pools_[kind.name];
  for (const Kind& kind : kinds) {
    for (int i = 0; i < kind.threads; ++i) threads_.emplace_back([this, name = kind.name] { Work(name, pools_.at(name)); });
  }
  threads_.emplace_back([this, delay] { Find(delay); });
}

DueLoop::~DueLoop() { Stop(); }

void DueLoop::Stop() {
  waiter_.Stop();
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void DueLoop::Find(std::chrono::milliseconds delay) {
  waiter_.Pause(delay);
  std::uint64_t seen = 0;
  std::optional<Instant> next;
  while (waiter_.Wait(&seen, next) != Waiter::Reason::kStopped) {
    try {
      next = FindDue();
    } catch (const std::exception& error) {
      observe::Log(observe::Level::kWarn, "timers failed, will go on", {{"what", error.what()}});
      session_.reset();
      next = Now().Plus(kTimersPause);
    }
  }
}

std::optional<Instant> DueLoop::FindDue() {
  if (!session_ || !session_->healthy()) session_ = std::make_unique<db::Session>(url_);
  const Instant now = Now();
  std::vector<std::string> names;
  for (const auto& [name, pool] : pools_) names.push_back(name);
  const ForEach first(names, {nullptr, now}, "order by due_at limit 1");
  std::optional<Instant> next;
  const auto then = [&](std::int64_t at) { next = std::min(next.value_or(Instant{at}), Instant{at}); };
  std::vector<std::string> due;
  db::Tx tx(*session_, true, db::Reads::kStatement);
  for (const auto& [kind, key, due_at] : tx.Select<std::string, std::string, std::int64_t>(first.sql, first.binds)) {
    observe::SetGauge("renxin_timers_overdue_seconds", static_cast<double>(std::max<std::int64_t>(0, now.micros - due_at)) / 1e6,
                      {{"kind", kind}});
    std::erase(names, kind);
    if (due_at > now.micros) {
      then(due_at);
      continue;
    }
    const std::scoped_lock lock(mutex_);
    if (pools_.at(kind).waiting.size() <= kAhead / 2) due.push_back(kind);
  }
  // Nothing of theirs is there.
  for (const std::string& kind : names) observe::SetGauge("renxin_timers_overdue_seconds", 0, {{"kind", kind}});
  if (!due.empty() && !FetchDue(due, now)) {
    const ForEach later(due, {">", now}, "order by due_at limit 1");
    for (const auto& [kind, key, due_at] : tx.Select<std::string, std::string, std::int64_t>(later.sql, later.binds)) then(due_at);
  }
  return next;
}

bool DueLoop::FetchDue(const std::vector<std::string>& kinds, Instant now) {
  // Only what nobody is running: another replica's rows are locked, and are not asked for again and again.
  db::Tx tx(*session_, session_->dialect() == db::Dialect::kSqlite);
  const ForEach due(kinds, {"<=", now}, "order by due_at limit " + std::to_string(kAhead) + std::string(tx.ForUpdateSkipLocked()));
  const auto rows = tx.Select<std::string, std::string, std::int64_t>(due.sql, due.binds);
  tx.Rollback();
  std::set<std::string> found;
  const std::scoped_lock lock(mutex_);
  for (const auto& [kind, key, due_at] : rows) {
    Pool& pool = pools_.at(kind);
    found.insert(kind);
    if (pool.taken.insert(key).second) pool.waiting.push_back(key);
  }
  wake_.notify_all();
  return found.size() == kinds.size();
}

void DueLoop::Work(const std::string& kind, Pool& pool) {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || !pool.waiting.empty(); });
    if (stopping_) return;
    const std::string key = std::move(pool.waiting.front());
    pool.waiting.pop_front();
    lock.unlock();
    const bool ours = RunOne(kind, key);
    lock.lock();
    pool.taken.erase(key);
    // There may be more: asked once on the way, and at the end. Where others have them all, a poll is early enough.
    if (ours && (pool.waiting.size() == kAhead / 2 || pool.waiting.empty())) waiter_.Notify();
  }
}

bool DueLoop::RunOne(const std::string& kind, const std::string& key) {
  try {
    return run_(kind, key);
  } catch (const std::exception& error) {
    // Its failure could not even be written down.
    observe::Log(observe::Level::kWarn, "a timer failed, will go on", {{"kind", kind}, {"what", error.what()}});
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kTimersPause, [this] { return stopping_; });
    return true;
  }
}

TimerFailure FailureOf(const std::exception& error) {
  const auto* db = dynamic_cast<const db::DbError*>(&error);
  return {std::string(FirstCodePoints(error.what(), kFailureMax)), db == nullptr || !db->passes()};
}

void RecordTimerFailure(db::Tx& tx, const std::string& kind, const std::string& key, const TimerFailure& failure, int attempts_max,
                        const std::function<std::chrono::milliseconds(int attempts)>& pause) {
  const auto row = tx.First<std::int64_t>("select attempts from timers where kind = :kind and key = :key" + std::string(tx.ForUpdate()),
                                          {{"kind", kind}, {"key", key}});
  if (!row) return;
  const int attempts = static_cast<int>(std::get<0>(*row)) + (failure.counts ? 1 : 0);
  const Instant now = Now();
  const bool given_up = attempts >= attempts_max;
  std::int64_t failed_at = now.micros;
  if (given_up) {
    // Lists go by it: no two have the same.
    const auto last = tx.First<std::int64_t>("select failed_at from timers where failed_at is not null order by failed_at desc limit 1");
    if (last) failed_at = std::max(failed_at, std::get<0>(*last) + 1);
  }
  tx.Exec(
      "update timers set attempts = :attempts, due_at = :due, failure = :failure, failed_at = :failed where kind = :kind and key = :key",
      {{"attempts", std::int64_t{attempts}},
       {"due", now.Plus(pause(attempts)).micros},
       {"failure", failure.what},
       {"failed", given_up ? db::Value(failed_at) : db::Value()},
       {"kind", kind},
       {"key", key}});
  if (!given_up) return;
  observe::Count("renxin_timers_given_up_total", {{"kind", kind}});
  observe::Log(observe::Level::kError, "a timer was given up", {{"kind", kind}, {"attempts", attempts}});
}

}  // namespace renxin::runtime
