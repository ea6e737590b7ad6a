// Claiming and recording: the two transactions around what is sent.

#include "services/notifications/policy/policy.h"
#include "services/notifications/sending/job.h"
#include "services/notifications/sending/judging.h"
#include "shared/observe/metrics.h"

namespace renxin::notifications::sending {
namespace {

constexpr int kBatch = 100;
// Not sooner: while leads or the channel is away every try is two lines of history.
constexpr std::chrono::minutes kTryAgain{5};

// Claims whose outcome was never recorded. A task has no effect outside; a message may have been accepted.
void ReleaseExpiredClaims(Tx& tx, const TimerContext& ctx) {
  for (messages::Row& row : messages::Expired(tx, State::kClaimed, ctx.now, kBatch)) {
    row.state = row.task() ? State::kScheduled : State::kUnknown;
    row.reason = "N6: claimed, and nobody said what came of it";
    if (row.task()) row.handed_at = std::nullopt;
    messages::Save(tx, row, State::kClaimed, "worker", ctx.now);
  }
}

void ExpireTasks(Tx& tx, const TimerContext& ctx) {
  for (messages::Row& row : messages::TasksOverdue(tx, ctx.now, kBatch)) {
    row.state = State::kExpired;
    row.reason = "N2: its day is over";
    messages::Save(tx, row, State::kAccepted, "worker", ctx.now);
  }
}

}  // namespace

std::optional<Job> Prepare(Tx& tx, const TimerContext& ctx) {
  const Day today = ctx.env.zone.DayOf(ctx.now);
  Job job{.policy = PolicyOn(tx, today), .day = today, .items = {}};
  ReleaseExpiredClaims(tx, ctx);
  ExpireTasks(tx, ctx);
  for (messages::Row& row : messages::Expired(tx, State::kUnknown, ctx.now, kBatch)) {
    Claim(row, ctx.now);
    messages::Save(tx, row, State::kUnknown, "worker", ctx.now);
    job.items.push_back({row, true, std::nullopt});
  }
  std::vector<messages::Row> due = messages::Due(tx, ctx.now, kBatch);
  if (!due.empty()) {
    DueMessages judging(tx, ctx, job.policy, due);
    for (messages::Row& row : due) judging.Judge(row, &job);
  }
  if (!job.items.empty()) return job;
  if (const auto next = messages::NextDue(tx)) db::Schedule(tx, kSendingJob, "", *next);
  return std::nullopt;
}

void Record(Tx& tx, const TimerContext& ctx, const Job& job, const Result& result) {
  for (std::size_t i = 0; i < job.items.size(); ++i) {
    auto row = messages::GetForUpdate(tx, job.items[i].message.id);
    const Outcome& outcome = result.outcomes[i];
    // Another worker has claimed it meanwhile and looks up the outcome itself.
    if (!row || row->claim != job.items[i].message.claim) continue;
    const State was = row->state;
    if (outcome.state == was || !MayMove(was, outcome.state)) continue;
    row->state = outcome.state;
    row->reason = outcome.reason;
    if (outcome.parts > 0) row->parts = static_cast<std::int64_t>(outcome.parts);
    if (outcome.state == State::kScheduled) row->due_at = outcome.until.value_or(ctx.now.Plus(kTryAgain));
    if (row->expires_at && outcome.state == State::kScheduled) row->due_at = std::min(row->due_at, *row->expires_at);
    if (!outcome.to.phone.empty()) row->phone_key = outcome.to.phone, row->person_key = outcome.to.person;
    if (outcome.state == State::kScheduled || outcome.state == State::kDropped) row->handed_at = std::nullopt;
    if (outcome.state == State::kAccepted) row->accepted_at = ctx.now;
    // Asked about at once.
    row->lease_until = outcome.state == State::kUnknown ? std::optional(ctx.now) : std::nullopt;
    messages::Save(tx, *row, was, "worker", ctx.now);
    observe::Count("renxin_messages_total", {{"state", std::string(NameOf(outcome.state))}});
  }
}

}  // namespace renxin::notifications::sending
