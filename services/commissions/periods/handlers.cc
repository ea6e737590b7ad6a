#include "services/commissions/periods/handlers.h"

#include <algorithm>

#include "services/commissions/facts/store.h"
#include "services/commissions/ledger/store.h"
#include "services/commissions/periods/rules.h"
#include "services/commissions/periods/store.h"

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
  const auto before = LoadSettingsForUpdate(tx).first_period;
  RETURN_IF_ERROR(MaySetFirstPeriod(period, ctx.env.zone.MonthOf(ctx.now), LockedMonths(tx)));
  const FirstPeriod first{period, ctx.caller.username, ctx.now};
  StoreFirstPeriod(tx, first);
  db::AppendSealedHistory(
      tx, ctx.env.sealer,
      {"period", "first", ctx.now, ctx.caller.username, before ? FormatMonth(before->month) : "", req.period(), req.reason()});
  return ToProto(first, false);
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
