#include "shared/runtime/timers.h"

#include <algorithm>

#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"

namespace renxin::runtime {
namespace {

// One at a time of each: of one kind none waits for another one.
std::vector<DueLoop::Kind> KindsOf(const std::map<std::string, TimerKind>& of) {
  std::vector<DueLoop::Kind> kinds;
  for (const auto& [kind, what] : of) kinds.push_back({kind});
  return kinds;
}

// Later and later, at most every five minutes.
std::chrono::milliseconds Pause(int attempts) {
  const std::int64_t n = std::min(attempts, 40);
  return std::chrono::milliseconds(std::min<std::int64_t>(300'000, 200 * (n + 1) * (n + 1)));
}

}  // namespace

Timers::Timers(std::map<std::string, TimerKind> kinds, std::string url, const Environment& env, db::Lanes& lanes, int attempts)
    : kinds_(std::move(kinds)),
      env_(env),
      lanes_(lanes),
      attempts_(attempts),
      loop_(KindsOf(kinds_), std::move(url), [this](const std::string& kind, const std::string& key) { return RunOne(kind, key); }) {}

bool Timers::RunOne(const std::string& kind, const std::string& key) {
  const TimerKind& what = kinds_.at(kind);
  db::Lane& lane = what.lane == TimerLane::kOperations ? lanes_.ForOperations() : lanes_.LeastBusy();
  bool ran = false;
  try {
    lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
      // Claimed and deleted with what it does, in one transaction; another replica skips the locked row.
      const std::string sql = "select due_at from timers where kind = :kind and key = :key and due_at <= :now and failed_at is null" +
                              std::string(tx.ForUpdateSkipLocked());
      const Instant now = Now();
      ran = tx.First<std::int64_t>(sql, {{"kind", kind}, {"key", key}, {"now", now.micros}}).has_value();
      if (!ran) return true;
      tx.Exec("delete from timers where kind = :kind and key = :key", {{"kind", kind}, {"key", key}});
      what.run(tx, TimerContext{.now = now, .key = key, .env = env_});
      return true;
    });
  } catch (const std::exception& error) {
    observe::Count("renxin_timer_failures_total", {{"kind", kind}});
    observe::Log(observe::Level::kError, "timer failed", {{"kind", kind}, {"what", error.what()}});
    lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
      RecordTimerFailure(tx, kind, key, FailureOf(error), attempts_, &Pause);
      return true;
    });
    ran = true;
  }
  return ran;
}

}  // namespace renxin::runtime
