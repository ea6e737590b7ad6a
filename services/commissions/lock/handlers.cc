#include "services/commissions/lock/handlers.h"

#include "renxin/commissions/v1/commissions_events.pb.h"
#include "renxin/operations/v1/operations.pb.h"
#include "services/commissions/facts/store.h"
#include "services/commissions/lock/store.h"
#include "services/commissions/periods/rules.h"
#include "services/commissions/periods/store.h"
#include "shared/core/crash.h"
#include "shared/operations/wiring.h"
#include "shared/runtime/clock.h"

namespace renxin::commissions::lock {
namespace {

using periods::LockQuestion;
using periods::Settings;

constexpr int kPayeesAtOnce = 25;

// A plan, another lock or the first period came between: everything is computed again.
struct SettingsChanged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

periods::RecordTotal Ours(const facts::Totals& totals) { return {totals.count, totals.versions}; }

std::optional<Month> MonthOfFirst(const std::optional<periods::FirstPeriod>& first) {
  if (!first) return std::nullopt;
  return first->month;
}

// Both sides of every comparison, in one snapshot.
LockQuestion QuestionOf(Tx& tx, Month period, Month current, const Settings& settings, const ControlTotals& theirs) {
  LockQuestion q{
      .period = period, .current = current, .locked = periods::LockedMonths(tx), .first_period = MonthOfFirst(settings.first_period)};
  for (const facts::MonthTotal& month : facts::MonthsBefore(tx, FormatMonth(period)))
    q.earlier.push_back({month.month, month.settlements, month.net});
  for (const facts::DayTotal& total : facts::ControlTotals(tx, FormatMonth(period)))
    q.ours.push_back({total.day, total.count, total.net, total.versions});
  for (const auto& day : theirs.leads.days()) q.theirs.push_back({day.day(), day.count(), day.net_fen(), day.versions()});
  for (const facts::DayTotal& total : facts::Closings(tx, FormatMonth(period)))
    q.our_closings.push_back({total.day, total.count, total.net, total.versions});
  for (const auto& day : theirs.leads.closings()) q.their_closings.push_back({day.day(), day.count(), 0, day.versions()});
  q.totals = {
      {"referrals", "recognitions", "here", {theirs.referrals.count(), theirs.referrals.versions()}, Ours(facts::RecognitionTotals(tx))},
      {"identity", "staff", "here", {theirs.identity.count(), theirs.identity.versions()}, Ours(facts::RosterTotals(tx))},
      // Recognitions come of visits: a visit that referrals has not taken yet is a recognition that nobody counts.
      {"leads",
       "visits",
       "referrals",
       {theirs.leads.visits(), theirs.leads.visit_versions()},
       {theirs.referrals.visits(), theirs.referrals.visit_versions()}}};
  q.services = {{"leads", theirs.leads.under_way(), theirs.leads.dead_letters()},
                {"referrals", theirs.referrals.under_way(), theirs.referrals.dead_letters()},
                {"identity", theirs.identity.under_way(), theirs.identity.dead_letters()},
                {"commissions", 0, db::OpenDeadLetters(tx)}};
  return q;
}

Error Unreadable(Month period, const std::vector<db::UnreadableRow>& rows) {
  Error error = periods::NotReady(period);
  for (const db::UnreadableRow& row : rows) error.fields.push_back({row.table, "C13", "the row " + row.id + " cannot be read"});
  return error;
}

// What the snapshot held that the end of the lock depends on.
struct Computed {
  Instant at;
  Settings settings;
  std::optional<Error> refusal;
};

// Payee by payee, in the order of their ids.
void DraftAll(operations::Run& run, statements::StatementReader& reader, Month period) {
  const std::string operation = run.operation().id;
  const Scope all{.all = true, .staff_ids = {}};
  std::string token;
  std::int64_t done = 0;
  do {
    const contract::Page asked = *contract::ReadPage(statements::kStatementList, kPayeesAtOnce, token);
    const contract::Paged<runtime::RosterEntry> page = reader.Payees(period, "", all, asked);
    std::vector<Draft> drafts;
    for (const runtime::RosterEntry& payee : page.rows) {
      if (auto statement = reader.Find(payee.staff_id, period))
        drafts.push_back({payee, std::move(*statement), reader.StampOf(payee, period)});
    }
    done += static_cast<std::int64_t>(drafts.size());
    run.Commit([&](Tx& tx, operations::Operation& op, Instant) {
      for (const Draft& draft : drafts) StoreDraft(tx, operation, draft);
      op.done = done;
      op.total = std::max(op.total, done);
    });
    CrashPoint("lock_drafted");
    token = page.next_page_token;
  } while (!token.empty());
}

// All statements of the period from one snapshot; drafts are committed on the way, so that memory and transactions stay small.
Computed ComputeAll(operations::Run& run, Month period, const ControlTotals& theirs) {
  Computed out{.at = runtime::Now(), .settings = {}, .refusal = std::nullopt};
  run.ReadSnapshot([&](Tx& read) {
    out.settings = periods::LoadSettings(read);
    const Month current = run.env().zone.MonthOf(out.at);
    if (Status may = periods::MayLock(QuestionOf(read, period, current, out.settings, theirs)); !may) {
      out.refusal = may.error();
      return;
    }
    // Facts that come later for an earlier month are history from now on.
    statements::StatementReader reader(read, out.settings.first_period ? std::nullopt : std::optional(period));
    DraftAll(run, reader, period);
    if (!reader.unreadable().empty()) out.refusal = Unreadable(period, reader.unreadable());
  });
  return out;
}

void PublishLocked(Tx& tx, Month period, const Frozen& frozen, Instant now) {
  v1::StatementLocked event;
  event.set_period(FormatMonth(period));
  event.set_payee_id(frozen.payee_id);
  event.set_commission_fen(frozen.commission);
  event.set_statement_hash(frozen.hash);
  db::Publish(tx, {frozen.payee_id + ":" + FormatMonth(period), 1, now, now}, event);
}

// Only where settings are what the snapshot held: whoever changes them waits here, or is seen.
void FreezeAll(Tx& tx, operations::Operation& op, Month period, const Computed& computed, Instant now) {
  const Settings settings = periods::LoadSettingsForUpdate(tx);
  if (settings.changes != computed.settings.changes + 1) throw SettingsChanged("C13: plans, locks or the first period have changed");
  if (!settings.first_period) periods::StoreFirstPeriod(tx, {period, op.created_by, now});
  if (!periods::InsertLock(tx, FormatMonth(period), op.created_by, computed.at)) return op.Fail(periods::AlreadyLocked(period));
  for (const Frozen& frozen : Freeze(tx, op.id, now)) PublishLocked(tx, period, frozen, now);
  db::AppendHistory(tx, {"period", FormatMonth(period), now, op.created_by, "open", "locked", ""});
  db::Schedule(tx, kDraftsTimer, op.id, now);
  op.done = op.total;
  op.Finish();
}

// From the start each time: a snapshot does not outlive the process that held it. Until FreezeAll nothing is anybody's statement.
void RunLock(operations::Run& run) {
  const Result<Month> period = ParseMonth(run.operation().subject);
  const std::string operation = run.operation().id;
  for (bool more = true; more;) run.Commit([&](Tx& tx, operations::Operation&, Instant) { more = DropDrafts(tx, operation); });
  const Result<ControlTotals> theirs = FetchTotals(run.client(), run.operation().subject);
  if (!theirs) throw operations::TryLater(theirs.error());
  const Computed computed = ComputeAll(run, *period, *theirs);
  try {
    run.Commit([&](Tx& tx, operations::Operation& op, Instant now) {
      if (computed.refusal) return op.Fail(*computed.refusal);
      FreezeAll(tx, op, *period, computed, now);
      CrashPoint("lock_frozen");
    });
  } catch (const SettingsChanged&) {
    // Started over at the next call. The checkpoint says after which settings: it moves where somebody has changed them, and nowhere else.
    run.Commit([&](Tx&, operations::Operation& op, Instant) { op.checkpoint = "settings " + std::to_string(computed.settings.changes); });
  }
}

}  // namespace

Result<ControlTotals> FetchTotals(runtime::ServiceClient& client, const std::string& period) {
  leads::v1::GetControlTotalRequest question;
  question.set_period(period);
  // Leads first: what moves on from there to referrals meanwhile makes the totals differ, and the lock is refused.
  ASSIGN_OR_RETURN(auto leads, client.Call<leads::v1::ControlTotal>("leads", "SettlementService.GetControlTotal", question));
  ASSIGN_OR_RETURN(auto referrals, client.Call<referrals::v1::ControlTotal>("referrals", "RecognitionService.GetControlTotal",
                                                                            referrals::v1::GetControlTotalRequest()));
  ASSIGN_OR_RETURN(auto identity, client.Call<identity::v1::ControlTotal>("identity", "StaffService.GetControlTotal",
                                                                          identity::v1::GetControlTotalRequest()));
  return ControlTotals{std::move(leads), std::move(referrals), std::move(identity)};
}

Result<ControlTotals> FetchControlTotals(runtime::ServiceClient& client, const CallContext& /*ctx*/, const v1::LockPeriodRequest& req) {
  return FetchTotals(client, req.period());
}

Result<operations::v1::Operation> LockPeriod(Tx& tx, const CallContext& ctx, const v1::LockPeriodRequest& req,
                                             const ControlTotals& theirs) {
  ASSIGN_OR_RETURN(const Month period, ParseMonth(req.period()));
  const Month current = ctx.env.zone.MonthOf(ctx.now);
  RETURN_IF_ERROR(periods::CheckMonth(period, current));
  RETURN_IF_ERROR(periods::MayLock(QuestionOf(tx, period, current, periods::LoadSettings(tx), theirs)));
  return operations::Describe(
      tx, operations::Insert(tx, {.service = "commissions", .type = kLockType, .subject = FormatMonth(period), .exclusive = true},
                             ctx.caller.username, ctx.now));
}

operations::Type LockType() {
  return {.name = kLockType,
          .roles = {"finance", "leader", "auditor", "administrator"},
          .run = &RunLock,
          .discard = [](Tx& tx, const operations::Operation& op) { return DropDrafts(tx, op.id); }};
}

void DropOldDrafts(Tx& tx, const TimerContext& ctx) {
  if (DropDrafts(tx, ctx.key)) db::Schedule(tx, kDraftsTimer, ctx.key, ctx.now);
}

}  // namespace renxin::commissions::lock
