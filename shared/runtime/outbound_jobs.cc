#include "shared/runtime/outbound_jobs.h"

#include "shared/core/crash.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"

namespace renxin::runtime {

OutboundJobs::OutboundJobs(std::map<std::string, JobKind> kinds, std::string url, const Environment& env, db::Lanes& lanes,
                           ServiceClient& client, std::function<void()> committed, std::chrono::milliseconds lease)
    : kinds_(std::move(kinds)),
      url_(std::move(url)),
      env_(env),
      lanes_(lanes),
      client_(client),
      committed_(std::move(committed)),
      lease_(lease),
      thread_([this] { Loop(); }) {}

OutboundJobs::~OutboundJobs() { Stop(); }

void OutboundJobs::Notify() {
  {
    const std::scoped_lock lock(mutex_);
    notified_ = true;
  }
  wake_.notify_one();
}

void OutboundJobs::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool OutboundJobs::stopping() {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

void OutboundJobs::Loop() {
  if (kinds_.empty()) return;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::milliseconds(250), [this] { return notified_ || stopping_; });
      if (stopping_) return;
      notified_ = false;
    }
    try {
      while (RunDue()) {
        if (stopping()) return;
      }
    } catch (const std::exception& error) {
      observe::Log(observe::Level::kWarn, "works failed, will go on", {{"what", error.what()}});
      session_.reset();
    }
  }
}

bool OutboundJobs::RunDue() {
  if (!session_ || !session_->healthy()) session_ = std::make_unique<db::Session>(url_);
  std::vector<std::tuple<std::string, std::string>> due;
  {
    db::Tx tx(*session_, true);
    std::vector<std::string> kinds;
    kinds.reserve(kinds_.size());
    for (const auto& [kind, work] : kinds_) kinds.push_back(kind);
    due = tx.SelectIn<std::string, std::string>(
        "select kind, key from timers where kind in (:keys) and due_at <= :now order by due_at limit 32", kinds, {{"now", Now().micros}});
    tx.Rollback();
  }
  for (const auto& [kind, key] : due) {
    RunOne(kind, key);
    if (stopping()) return false;
  }
  return !due.empty();
}

std::shared_ptr<const void> OutboundJobs::Claim(db::Lane& lane, const std::string& kind, const std::string& key) {
  std::shared_ptr<const void> job;
  lane.Run(db::kBackgroundLimit, [&](Tx& tx) {
    job = nullptr;
    const std::string sql =
        "select due_at from timers where kind = :kind and key = :key and due_at <= :now" + std::string(tx.ForUpdateSkipLocked());
    const Instant now = Now();
    if (!tx.First<std::int64_t>(sql, {{"kind", kind}, {"key", key}, {"now", now.micros}})) return true;
    const Instant expires = now.Plus(lease_);
    tx.Exec("update timers set due_at = :due, attempts = 0 where kind = :kind and key = :key",
            {{"due", expires.micros}, {"kind", kind}, {"key", key}});
    job = kinds_.at(kind).prepare(tx, TimerContext{.now = now, .key = key, .env = env_});
    // Unless it was scheduled for another time meanwhile.
    if (!job) {
      tx.Exec("delete from timers where kind = :kind and key = :key and due_at = :due",
              {{"kind", kind}, {"key", key}, {"due", expires.micros}});
    }
    return true;
  });
  return job;
}

void OutboundJobs::RunOne(const std::string& kind, const std::string& key) {
  db::Lane& lane = lanes_.For(kind + "/" + key);
  const JobKind& work = kinds_.at(kind);
  try {
    const auto began = std::chrono::steady_clock::now();
    const std::shared_ptr<const void> job = Claim(lane, kind, key);
    if (!job) return;
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
    committed_();
  } catch (const std::exception& error) {
    observe::Count("renxin_work_failures_total", {{"kind", kind}});
    observe::Log(observe::Level::kError, "work failed", {{"kind", kind}, {"what", error.what()}});
    Postpone(lane, kind, key);
  }
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
