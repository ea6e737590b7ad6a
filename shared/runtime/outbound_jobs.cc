#include "shared/runtime/outbound_jobs.h"

#include "shared/core/crash.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/timers.h"

namespace renxin::runtime {

OutboundJobs::OutboundJobs(std::map<std::string, JobKind> kinds, std::string url, const Environment& env, db::Lanes& lanes,
                           ServiceClient& client, std::chrono::milliseconds lease)
    : kinds_(std::move(kinds)), url_(std::move(url)), env_(env), lanes_(lanes), client_(client), lease_(lease), waiter_(kTimersPollEvery) {
  for (const auto& [kind, work] : kinds_) names_.push_back(kind);
  if (!names_.empty()) thread_ = std::thread([this] { Loop(); });
}

OutboundJobs::~OutboundJobs() { Stop(); }

void OutboundJobs::Stop() {
  waiter_.Stop();
  if (thread_.joinable()) thread_.join();
}

void OutboundJobs::Loop() {
  // What it asks starts just now, too, and so does the broker's line: a job that fails is not tried again before its lease has expired.
  waiter_.Pause(kTimersPause);
  std::uint64_t seen = 0;
  std::optional<Instant> next;
  while (waiter_.Wait(&seen, next) != Waiter::Reason::kStopped) {
    try {
      while (RunDue(&next)) {
        if (waiter_.stopping()) return;
      }
    } catch (const std::exception& error) {
      observe::Log(observe::Level::kWarn, "works failed, will go on", {{"what", error.what()}});
      session_.reset();
      next = Now().Plus(kTimersPause);
    }
  }
}

bool OutboundJobs::RunDue(std::optional<Instant>* next) {
  if (!session_ || !session_->healthy()) session_ = std::make_unique<db::Session>(url_);
  const DueTimers found = FindDueTimers(*session_, names_, Now());
  *next = found.due.empty() ? found.next : Now().Plus(kTimersPause);
  bool ran = false;
  for (const auto& [kind, key] : found.due) {
    ran = RunOne(kind, key) || ran;
    if (waiter_.stopping()) return false;
  }
  return ran;
}

bool OutboundJobs::Claim(db::Lane& lane, const std::string& kind, const std::string& key, std::shared_ptr<const void>* job) {
  bool ours = false;
  lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
    *job = nullptr;
    const std::string sql =
        "select due_at from timers where kind = :kind and key = :key and due_at <= :now" + std::string(tx.ForUpdateSkipLocked());
    const Instant now = Now();
    ours = tx.First<std::int64_t>(sql, {{"kind", kind}, {"key", key}, {"now", now.micros}}).has_value();
    if (!ours) return true;
    const Instant expires = now.Plus(lease_);
    tx.Exec("update timers set due_at = :due, attempts = 0 where kind = :kind and key = :key",
            {{"due", expires.micros}, {"kind", kind}, {"key", key}});
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
    Postpone(lane, kind, key);
  }
  return true;
}

void OutboundJobs::Postpone(db::Lane& lane, const std::string& kind, const std::string& key) {
  lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
    // Its own row only: a failure is tried again after a lease, what was claimed has expired by then.
    tx.Exec("update timers set attempts = attempts + 1, due_at = :due where kind = :kind and key = :key",
            {{"due", Now().Plus(lease_).micros}, {"kind", kind}, {"key", key}});
    return true;
  });
}

}  // namespace renxin::runtime
