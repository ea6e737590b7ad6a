#include "services/commissions/periods/handlers.h"

#include <algorithm>
#include <stdexcept>

#include "renxin/commissions/v1/commissions_events.pb.h"
#include "services/commissions/facts/store.h"
#include "services/commissions/ledger/store.h"
#include "services/commissions/periods/rules.h"
#include "services/commissions/periods/store.h"
#include "services/commissions/statements/store.h"
#include "shared/runtime/roster.h"

namespace renxin::commissions::periods {
namespace {

constexpr int kListedMax = 240;  // twenty years

v1::Period Describe(Tx& tx, Month month, std::optional<Month> first) {
  const std::string period = FormatMonth(month);
  v1::Period out;
  out.set_period(period);
  out.set_state(first && month < *first ? v1::PERIOD_STATE_HISTORY : v1::PERIOD_STATE_OPEN);
  const auto lock = LockOf(tx, period);
  if (!lock) return out;
  out.set_state(v1::PERIOD_STATE_LOCKED);
  out.set_locked_by(lock->by);
  out.set_locked_at(FormatTime(lock->at));
  out.set_statements(lock->statements);
  out.set_commission_fen(lock->commission);
  return out;
}

v1::FirstPeriod ToProto(const FirstPeriod& first, bool fixed) {
  v1::FirstPeriod out;
  out.set_period(FormatMonth(first.month));
  out.set_set_by(first.by);
  out.set_set_at(FormatTime(first.at));
  out.set_fixed(fixed);
  return out;
}

std::optional<Month> MonthOfFirst(const std::optional<FirstPeriod>& first) {
  if (!first) return std::nullopt;
  return first->month;
}

RecordTotal Ours(const facts::Totals& totals) { return {totals.count, totals.versions}; }

LockQuestion CollectOwnTotals(Tx& tx, const CallContext& ctx, Month period, std::optional<Month> first, const ControlTotals& theirs) {
  LockQuestion q{.period = period, .current = ctx.env.zone.MonthOf(ctx.now), .locked = LockedMonths(tx), .first_period = first};
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

// C14: what is owed to the payee against what it was for; one journal a statement.
void PostAccrual(Tx& tx, const v1::Statement& statement, Instant now) {
  std::vector<ledger::Entry> entries;
  for (const auto& total : statement.totals()) entries.push_back({"expense:" + total.rule(), total.amount_fen()});
  entries.push_back({"payable:" + statement.payee_id(), -statement.commission_fen()});
  ledger::Post(tx, statement.period(), "statement " + statement.period() + " of " + statement.staff_no(), entries, now);
}

void FreezeStatement(Tx& tx, Month period, const runtime::RosterEntry& payee, const statements::ComputedStatement& computed, Instant now) {
  statements::Freeze(tx, period, payee, computed);
  PostAccrual(tx, *computed.statement, now);
  v1::StatementLocked event;
  event.set_period(FormatMonth(period));
  event.set_payee_id(payee.staff_id);
  event.set_commission_fen(computed.statement->commission_fen());
  event.set_statement_hash(computed.statement->hash());
  db::Publish(tx, {payee.staff_id + ":" + FormatMonth(period), 1, now, now}, event);
}

}  // namespace

Result<v1::ListPeriodsResponse> ListPeriods(Tx& tx, const CallContext& ctx, const v1::ListPeriodsRequest& /*req*/) {
  v1::ListPeriodsResponse out;
  const Month current = ctx.env.zone.MonthOf(ctx.now);
  const auto first = LoadFirstPeriod(tx);
  const std::vector<Month> locked = LockedMonths(tx);
  if (first) *out.mutable_first_period() = ToProto(*first, !locked.empty());
  std::optional<Month> from = facts::FirstMonth(tx);
  std::optional<Month> last = facts::LastMonth(tx);
  for (const Month month : locked) {
    from = std::min(from.value_or(month), month);
    last = std::max(last.value_or(month), month);
  }
  if (!from || !last) return out;
  const Month end = std::min(*last, current);
  for (Month month = std::max(*from, current.Plus(1 - kListedMax)); month <= end; month = month.Plus(1))
    *out.add_periods() = Describe(tx, month, MonthOfFirst(first));
  return out;
}

Result<v1::FirstPeriod> SetFirstPeriod(Tx& tx, const CallContext& ctx, const v1::SetFirstPeriodRequest& req) {
  ASSIGN_OR_RETURN(const Month period, ParseMonth(req.period()));
  const auto before = LoadSettingsForUpdate(tx);
  RETURN_IF_ERROR(MaySetFirstPeriod(period, ctx.env.zone.MonthOf(ctx.now), LockedMonths(tx)));
  const FirstPeriod first{period, ctx.caller.username, ctx.now};
  StoreFirstPeriod(tx, first);
  db::AppendSealedHistory(
      tx, ctx.env.sealer,
      {"period", "first", ctx.now, ctx.caller.username, before ? FormatMonth(before->month) : "", req.period(), req.reason()});
  return ToProto(first, false);
}

Result<ControlTotals> FetchControlTotals(runtime::ServiceClient& client, const CallContext& /*ctx*/, const v1::LockPeriodRequest& req) {
  leads::v1::GetControlTotalRequest question;
  question.set_period(req.period());
  // Leads first: what moves on from there to referrals meanwhile makes the totals differ, and the lock is refused.
  ASSIGN_OR_RETURN(auto leads, client.Call<leads::v1::ControlTotal>("leads", "SettlementService.GetControlTotal", question));
  ASSIGN_OR_RETURN(auto referrals, client.Call<referrals::v1::ControlTotal>("referrals", "RecognitionService.GetControlTotal",
                                                                            referrals::v1::GetControlTotalRequest()));
  ASSIGN_OR_RETURN(auto identity, client.Call<identity::v1::ControlTotal>("identity", "StaffService.GetControlTotal",
                                                                          identity::v1::GetControlTotalRequest()));
  return ControlTotals{std::move(leads), std::move(referrals), std::move(identity)};
}

Result<v1::Period> LockPeriod(Tx& tx, const CallContext& ctx, const v1::LockPeriodRequest& req, const ControlTotals& theirs) {
  if (!tx.snapshot()) throw std::logic_error("C13: a lock reads one snapshot");
  ASSIGN_OR_RETURN(const Month period, ParseMonth(req.period()));
  RETURN_IF_ERROR(CheckMonth(period, ctx.env.zone.MonthOf(ctx.now)));
  const auto first = LoadSettingsForUpdate(tx);
  RETURN_IF_ERROR(MayLock(CollectOwnTotals(tx, ctx, period, MonthOfFirst(first), theirs)));
  // Facts that come later for an earlier month are history from now on.
  if (!first) StoreFirstPeriod(tx, {period, ctx.caller.username, ctx.now});
  statements::StatementCalculator calculator(tx);
  std::vector<std::pair<runtime::RosterEntry, statements::ComputedStatement>> all;
  for (runtime::RosterEntry& payee : calculator.Payees(period, "")) {
    if (auto computed = calculator.Find(payee.staff_id, period)) all.emplace_back(std::move(payee), std::move(*computed));
  }
  if (!calculator.unreadable().empty()) {
    Error error = NotReady(period);
    for (const db::UnreadableRow& row : calculator.unreadable())
      error.fields.push_back({row.table, "C13", "the row " + row.id + " cannot be read"});
    return error;
  }
  if (!InsertLock(tx, req.period(), ctx.caller.username, ctx.now)) return AlreadyLocked(period);
  for (const auto& [payee, computed] : all) FreezeStatement(tx, period, payee, computed, ctx.now);
  db::AppendHistory(tx, {"period", req.period(), ctx.now, ctx.caller.username, "open", "locked", ""});
  return Describe(tx, period, period);
}

Result<v1::Ledger> GetLedger(Tx& tx, const CallContext& /*ctx*/, const v1::GetLedgerRequest& /*req*/) {
  v1::Ledger out;
  for (const ledger::Balance& balance : ledger::Balances(tx)) {
    auto* account = out.add_accounts();
    account->set_account(balance.account);
    account->set_balance_fen(balance.balance);
    out.set_sum_fen(out.sum_fen() + balance.balance);
  }
  return out;
}

}  // namespace renxin::commissions::periods
