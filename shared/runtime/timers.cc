#include "shared/runtime/timers.h"

#include "shared/core/crash.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"

namespace renxin::runtime {

DueTimers FindDueTimers(db::Session& session, const std::vector<std::string>& kinds, Instant now) {
  DueTimers out;
  db::Tx tx(session, true, db::Reads::kStatement);
  for (auto& [kind, key, due_at] : tx.SelectIn<std::string, std::string, std::int64_t>(
           "select kind, key, due_at from timers where kind in (:keys) order by due_at limit 32", kinds)) {
    if (due_at <= now.micros) {
      out.due.emplace_back(std::move(kind), std::move(key));
    } else if (!out.next || due_at < out.next->micros) {
      out.next = Instant{due_at};
    }
  }
  return out;
}

Timers::Timers(std::map<std::string, TimerHandler> handlers, std::string url, const Environment& env, db::Lanes& lanes)
    : handlers_(std::move(handlers)), url_(std::move(url)), env_(env), lanes_(lanes) {
  // The others are outbound jobs, or of a newer release that ran on this database.
  for (const auto& [kind, handler] : handlers_) kinds_.push_back(kind);
  thread_ = std::thread([this] { Loop(); });
}

Timers::~Timers() { Stop(); }

void Timers::Stop() {
  waiter_.Stop();
  if (thread_.joinable()) thread_.join();
}

void Timers::Loop() {
  std::uint64_t seen = 0;
  std::optional<Instant> next;
  while (waiter_.Wait(&seen, next) != Waiter::Reason::kStopped) {
    try {
      while (RunDue(&next)) {
        if (waiter_.stopping()) return;
      }
    } catch (const std::exception& error) {
      observe::Log(observe::Level::kWarn, "timers failed, will go on", {{"what", error.what()}});
      session_.reset();
      next = Now().Plus(kTimersPause);
    }
  }
}

bool Timers::RunDue(std::optional<Instant>* next) {
  if (!session_ || !session_->healthy()) session_ = std::make_unique<db::Session>(url_);
  const DueTimers found = FindDueTimers(*session_, kinds_, Now());
  *next = found.due.empty() ? found.next : Now().Plus(kTimersPause);
  bool ran = false;
  for (const auto& [kind, key] : found.due) {
    ran = RunOne(kind, key) || ran;
    if (waiter_.stopping()) return false;
  }
  return ran;
}

bool Timers::RunOne(const std::string& kind, const std::string& key) {
  db::Lane& lane = lanes_.ForOperations();
  bool ran = false;
  try {
    lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
      // Claimed and deleted with what it does, in one transaction; another replica skips the locked row.
      const std::string sql =
          "select due_at from timers where kind = :kind and key = :key and due_at <= :now" + std::string(tx.ForUpdateSkipLocked());
      const Instant now = Now();
      ran = tx.First<std::int64_t>(sql, {{"kind", kind}, {"key", key}, {"now", now.micros}}).has_value();
      if (!ran) return true;
      tx.Exec("delete from timers where kind = :kind and key = :key", {{"kind", kind}, {"key", key}});
      handlers_.at(kind)(tx, TimerContext{.now = now, .key = key, .env = env_});
      return true;
    });
  } catch (const std::exception& error) {
    observe::Count("renxin_timer_failures_total", {{"kind", kind}});
    observe::Log(observe::Level::kError, "timer failed", {{"kind", kind}, {"what", error.what()}});
    lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
      // Later and later, at most every five minutes; it stays visible in the metric.
      tx.Exec(
          "update timers set attempts = attempts + 1, due_at = :now + "
          "case when attempts > 8 then 300000000 else 200000 * (attempts + 1) * (attempts + 1) end "
          "where kind = :kind and key = :key",
          {{"now", Now().micros}, {"kind", kind}, {"key", key}});
      return true;
    });
    ran = true;
  }
  return ran;
}

}  // namespace renxin::runtime
