#include "shared/runtime/outbound_jobs.h"

#include <algorithm>

#include "shared/core/crash.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"

namespace renxin::runtime {
namespace {

constexpr int kLeasesMost = 30;

std::vector<DueLoop::Kind> KindsOf(const std::map<std::string, JobKind>& kinds) {
  std::vector<DueLoop::Kind> out;
  for (const auto& [name, kind] : kinds) out.push_back({name, kind.threads});
  return out;
}

}  // namespace

// What it asks starts just now, too, and so does the broker's line: a job that fails is not tried again before its lease has expired.
OutboundJobs::OutboundJobs(std::map<std::string, JobKind> kinds, std::string url, const Environment& env, db::Lanes& lanes,
                           ServiceClient& client, std::chrono::milliseconds lease, int attempts)
    : kinds_(std::move(kinds)),
      env_(env),
      lanes_(lanes),
      client_(client),
      lease_(lease),
      attempts_(attempts),
      loop_(
          KindsOf(kinds_), std::move(url), [this](const std::string& kind, const std::string& key) { return RunOne(kind, key); },
          kTimersPause) {}

bool OutboundJobs::Claim(db::Lane& lane, const std::string& kind, const std::string& key, std::shared_ptr<const void>* job) {
  bool ours = false;
  lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
    *job = nullptr;
    const std::string sql = "select due_at from timers where kind = :kind and key = :key and due_at <= :now and failed_at is null" +
                            std::string(tx.ForUpdateSkipLocked());
    const Instant now = Now();
    ours = tx.First<std::int64_t>(sql, {{"kind", kind}, {"key", key}, {"now", now.micros}}).has_value();
    if (!ours) return true;
    const Instant expires = now.Plus(lease_);
    tx.Exec("update timers set due_at = :due where kind = :kind and key = :key", {{"due", expires.micros}, {"kind", kind}, {"key", key}});
    *job = kinds_.at(kind).prepare(tx, TimerContext{.now = now, .key = key, .env = env_});
    // Unless it was scheduled for another time meanwhile.
    if (!*job) {
      tx.Exec("delete from timers where kind = :kind and key = :key and due_at = :due",
              {{"kind", kind}, {"key", key}, {"due", expires.micros}});
    }
    return true;
  });
  return ours;
}

bool OutboundJobs::RunOne(const std::string& kind, const std::string& key) {
  db::Lane& lane = lanes_.For(kind + "/" + key);
  const JobKind& work = kinds_.at(kind);
  try {
    const auto began = std::chrono::steady_clock::now();
    std::shared_ptr<const void> job;
    const bool ours = Claim(lane, kind, key, &job);
    if (!job) return ours;
    CrashPoint("claimed");
    const JobContext outside{.now = Now(), .deadline = began + lease_ / 2, .env = env_};
    const std::shared_ptr<const void> result = work.execute(client_, outside, job.get());
    CrashPoint("acted");
    lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
      const TimerContext ctx{.now = Now(), .key = key, .env = env_};
      db::Schedule(tx, kind, key, ctx.now);
      work.record(tx, ctx, job.get(), result.get());
      return true;
    });
  } catch (const std::exception& error) {
    observe::Count("renxin_work_failures_total", {{"kind", kind}});
    observe::Log(observe::Level::kError, "work failed", {{"kind", kind}, {"what", error.what()}});
    Postpone(lane, kind, key, error);
  }
  return true;
}

void OutboundJobs::Postpone(db::Lane& lane, const std::string& kind, const std::string& key, const std::exception& error) {
  lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
    // Its own row only, after a lease at least: what was claimed has expired by then.
    RecordTimerFailure(tx, kind, key, FailureOf(error), attempts_,
                       [this](int attempts) { return lease_ * std::clamp(attempts, 1, kLeasesMost); });
    return true;
  });
}

}  // namespace renxin::runtime
