#include "shared/runtime/maintenance.h"

#include <algorithm>
#include <utility>

#include "shared/core/crash.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"

namespace renxin::runtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBatchLeast = 10;
constexpr std::chrono::milliseconds kBatchLong{250};
constexpr std::chrono::milliseconds kPauseMost{1'000};

}  // namespace

Retention DeletedAfter(std::string what, std::chrono::seconds keep, const db::Aged& aged) {
  return {.what = std::move(what),
          .keep = keep,
          .oldest = [aged](Tx& tx) { return db::OldestOf(tx, aged); },
          .end = [aged](Tx& tx, Instant from, Instant until, int limit) { return db::DeleteOldest(tx, aged, from, until, limit); }};
}

Maintenance::Maintenance(std::vector<Retention> retentions, MaintenanceOptions options, db::Lanes& lanes)
    : retentions_(std::move(retentions)), options_(std::move(options)), lanes_(lanes), waiter_(options_.every), thread_([this] {
        Loop();
      }) {}

Maintenance::~Maintenance() { Stop(); }

void Maintenance::Stop() {
  waiter_.Stop();
  if (thread_.joinable()) thread_.join();
}

void Maintenance::Loop() {
  std::uint64_t seen = 0;
  while (waiter_.Wait(&seen) != Waiter::Reason::kStopped) Round();
}

void Maintenance::Round() {
  std::vector<Turn> turns;
  for (const Retention& retention : retentions_) turns.push_back({&retention, options_.batch});
  while (!turns.empty() && !waiter_.stopping()) {
    std::erase_if(turns, [this](Turn& turn) {
      try {
        return !WorkOn(&turn);
      } catch (const std::exception& error) {
        observe::Count("renxin_maintenance_failures_total", {{"what", turn.retention->what}});
        observe::Log(observe::Level::kWarn, "maintenance failed, will go on", {{"of", turn.retention->what}, {"what", error.what()}});
        session_.reset();
        return true;
      }
    });
  }
}

std::optional<Instant> Maintenance::Sample(const Retention& retention) {
  if (!session_ || !session_->healthy()) session_ = std::make_unique<db::Session>(options_.url);
  db::Tx tx(*session_, true, db::Reads::kStatement);
  const std::optional<Instant> oldest = retention.oldest(tx);
  const std::int64_t overdue = oldest ? Now().Plus(-retention.keep).micros - oldest->micros : 0;
  observe::SetGauge("renxin_maintenance_overdue_seconds", static_cast<double>(std::max<std::int64_t>(0, overdue)) / 1e6,
                    {{"what", retention.what}});
  return oldest;
}

bool Maintenance::WorkOn(Turn* turn) {
  const Retention& retention = *turn->retention;
  const std::optional<Instant> oldest = Sample(retention);
  const Instant until = Now().Plus(-retention.keep);
  // What is not over yet costs a look, and no transaction.
  if (!oldest || *oldest >= until) return false;
  const auto end = Clock::now() + options_.turn;
  while (Clock::now() < end && !waiter_.stopping()) {
    const auto began = Clock::now();
    db::Batch done;
    lanes_.Any().Run(db::kBackgroundLimit, [&](Tx& tx) {
      done = retention.end(tx, turn->from, until, turn->batch);
      CrashPoint("maintenance_batch");
      return true;
    });
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    observe::Count("renxin_maintenance_rows_total", {{"what", retention.what}}, static_cast<double>(done.rows));
    if (done.rows < turn->batch) {
      Sample(retention);
      return false;
    }
    turn->from = done.last;
    if (took > kBatchLong) turn->batch = std::max(kBatchLeast, turn->batch / 2);
    // Half of the time is left to the others.
    waiter_.Pause(std::min(took + std::chrono::milliseconds(1), kPauseMost));
  }
  return true;
}

}  // namespace renxin::runtime
