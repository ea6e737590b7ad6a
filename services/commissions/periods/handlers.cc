#include "services/commissions/periods/handlers.h"

#include "renxin/commissions/v1/commissions_events.pb.h"
#include "services/commissions/facts/store.h"
#include "services/commissions/ledger/store.h"
#include "services/commissions/periods/rules.h"
#include "services/commissions/periods/store.h"
#include "services/commissions/statements/store.h"
#include "shared/runtime/roster.h"

namespace renxin::commissions::periods {
namespace {

v1::Period Describe(Tx& tx, const std::string& period) {
  v1::Period out;
  out.set_period(period);
  out.set_state(v1::PERIOD_STATE_OPEN);
  const auto lock = LockOf(tx, period);
  if (!lock) return out;
  out.set_state(v1::PERIOD_STATE_LOCKED);
  out.set_locked_by(lock->by);
  out.set_locked_at(FormatTime(lock->at));
  out.set_statements(lock->statements);
  out.set_commission_fen(lock->commission);
  return out;
}

LockQuestion AskHere(Tx& tx, const CallContext& ctx, Month period, const leads::v1::ControlTotal& theirs) {
  LockQuestion q{.period = period,
                 .current = ctx.env.zone.MonthOf(ctx.now),
                 .locked = statements::Desk::LockedMonths(tx),
                 .first_month = facts::FirstMonth(tx)};
  for (const facts::DayTotal& total : facts::ControlTotals(tx, FormatMonth(period)))
    q.ours.push_back({total.day, total.count, total.net, total.versions});
  for (const auto& day : theirs.days()) q.theirs.push_back({day.day(), day.count(), day.net_fen(), day.versions()});
  for (const facts::DayTotal& total : facts::Closings(tx, FormatMonth(period)))
    q.our_closings.push_back({total.day, total.count, total.net, total.versions});
  for (const auto& day : theirs.closings()) q.their_closings.push_back({day.day(), day.count(), 0, day.versions()});
  q.under_way = theirs.under_way();
  q.dead_letters = db::OpenDeadLetters(tx);
  return q;
}

// C14: what is owed to the payee against what it was for; one journal a statement.
void PostAccrual(Tx& tx, const v1::Statement& statement, Instant now) {
  std::vector<ledger::Entry> entries;
  for (const auto& total : statement.totals()) entries.push_back({"expense:" + total.rule(), total.amount_fen()});
  entries.push_back({"payable:" + statement.payee_id(), -statement.commission_fen()});
  ledger::Post(tx, statement.period(), "statement " + statement.period() + " of " + statement.staff_no(), entries, now);
}

}  // namespace

Result<v1::ListPeriodsResponse> ListPeriods(Tx& tx, const CallContext& /*ctx*/, const v1::ListPeriodsRequest& /*req*/) {
  v1::ListPeriodsResponse out;
  const auto first = facts::FirstMonth(tx);
  const auto last = facts::LastMonth(tx);
  if (!first || !last) return out;
  // At most twenty years, the latest.
  const Month from = std::max(*first, last->Plus(-239));
  for (Month month = from; month <= *last; month = month.Plus(1)) *out.add_periods() = Describe(tx, FormatMonth(month));
  return out;
}

Result<leads::v1::ControlTotal> AskControlTotal(runtime::Asker& asker, const CallContext& /*ctx*/, const v1::LockPeriodRequest& req) {
  leads::v1::GetControlTotalRequest question;
  question.set_period(req.period());
  return asker.Ask<leads::v1::ControlTotal>("leads", "SettlementService.GetControlTotal", question);
}

Result<v1::Period> LockPeriod(Tx& tx, const CallContext& ctx, const v1::LockPeriodRequest& req, const leads::v1::ControlTotal& theirs) {
  ASSIGN_OR_RETURN(const Month period, ParseMonth(req.period()));
  RETURN_IF_ERROR(MayLock(AskHere(tx, ctx, period, theirs)));
  statements::Desk desk(tx);
  // At the same moment from two sides: the second waits here for the first and is told.
  if (!PutLock(tx, req.period(), ctx.caller.username, ctx.now)) return AlreadyLocked(period);
  for (const runtime::RosterEntry& payee : desk.Payees(period, "")) {
    const auto drawn = desk.Draw(payee.staff_id, period);
    if (!drawn) continue;
    statements::Freeze(tx, period, payee.staff_id, *drawn);
    PostAccrual(tx, drawn->statement, ctx.now);
    v1::StatementLocked event;
    event.set_period(req.period());
    event.set_payee_id(payee.staff_id);
    event.set_commission_fen(drawn->statement.commission_fen());
    event.set_statement_hash(drawn->statement.hash());
    db::Publish(tx, {payee.staff_id + ":" + req.period(), 1, ctx.now, ctx.now}, event);
  }
  db::Note(tx, {"period", req.period(), ctx.now, ctx.caller.username, "open", "locked", ""});
  return Describe(tx, req.period());
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
