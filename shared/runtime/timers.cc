#include "shared/runtime/timers.h"

#include "shared/core/crash.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"

namespace renxin::runtime {

Timers::Timers(std::map<std::string, TimerHandler> handlers, std::string url, const Environment& env, db::Lanes& lanes,
               std::function<void()> committed)
    : handlers_(std::move(handlers)), url_(std::move(url)), env_(env), lanes_(lanes), committed_(std::move(committed)), thread_([this] {
        Loop();
      }) {}

Timers::~Timers() { Stop(); }

void Timers::Notify() {
  {
    const std::scoped_lock lock(mutex_);
    notified_ = true;
  }
  wake_.notify_one();
}

void Timers::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Timers::Loop() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::milliseconds(250), [this] { return notified_ || stopping_; });
      if (stopping_) return;
      notified_ = false;
    }
    try {
      while (RunDue()) {
        const std::scoped_lock lock(mutex_);
        if (stopping_) return;
      }
    } catch (const std::exception& error) {
      observe::Log(observe::Level::kWarn, "timers failed, will go on", {{"what", error.what()}});
      session_.reset();
    }
  }
}

bool Timers::RunDue() {
  if (!session_ || !session_->healthy()) session_ = std::make_unique<db::Session>(url_);
  std::vector<std::tuple<std::string, std::string>> due;
  {
    db::Tx tx(*session_, true);
    due = tx.Select<std::string, std::string>("select kind, key from timers where due_at <= :now order by due_at limit 32",
                                              {{"now", Now().micros}});
    tx.Rollback();
  }
  bool ran = false;
  for (const auto& [kind, key] : due) {
    if (!handlers_.contains(kind)) continue;  // of a newer release that ran on this database
    RunOne(kind, key);
    ran = true;
    const std::scoped_lock lock(mutex_);
    if (stopping_) return false;
  }
  return ran;
}

void Timers::RunOne(const std::string& kind, const std::string& key) {
  db::Lane& lane = lanes_.For(kind + "/" + key);
  try {
    lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
      // Claimed and deleted with what it does, in one transaction; another replica skips the locked row.
      const std::string sql =
          "select due_at from timers where kind = :kind and key = :key and due_at <= :now" + std::string(tx.ForUpdateSkipLocked());
      const Instant now = Now();
      if (!tx.First<std::int64_t>(sql, {{"kind", kind}, {"key", key}, {"now", now.micros}})) return true;
      tx.Exec("delete from timers where kind = :kind and key = :key", {{"kind", kind}, {"key", key}});
      handlers_.at(kind)(tx, TimerContext{.now = now, .key = key, .env = env_});
      return true;
    });
    committed_();
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
  }
}

}  // namespace renxin::runtime
