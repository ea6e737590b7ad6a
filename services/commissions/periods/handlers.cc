#include "services/commissions/periods/handlers.h"

#include <algorithm>

#include "services/commissions/facts/store.h"
#include "services/commissions/periods/rules.h"
#include "services/commissions/periods/store.h"
#include "shared/contract/page.h"

namespace renxin::commissions::periods {
namespace {

const contract::List kPeriodList{"periods", {contract::KeyPart::kNumber}};

v1::Period Describe(Tx& tx, Month month, std::optional<Month> first) {
  const std::string period = FormatMonth(month);
  v1::Period out;
  out.set_period(period);
  out.set_state(static_cast<v1::PeriodState>(StateOf(month, first, false)));
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

// A token may be made up: whatever number it names is a month.
Month LastSeen(const contract::Page& page) {
  return Month{static_cast<std::int32_t>(std::clamp<std::int64_t>(page.Number(0), 0, MonthOf(MakeDay(9999, 12, 31)).number))};
}

}  // namespace

Result<v1::Period> GetPeriod(Tx& tx, const CallContext& ctx, const v1::GetPeriodRequest& req) {
  ASSIGN_OR_RETURN(const Month period, ParseMonth(req.period()));
  RETURN_IF_ERROR(CheckMonth(period, ctx.env.zone.MonthOf(ctx.now)));
  return Describe(tx, period, MonthOfFirst(LoadFirstPeriod(tx)));
}

Result<v1::ListPeriodsResponse> ListPeriods(Tx& tx, const CallContext& ctx, const v1::ListPeriodsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(kPeriodList, req));
  v1::ListPeriodsResponse out;
  const auto first = LoadFirstPeriod(tx);
  const std::vector<Month> locked = LockedMonths(tx);
  if (first) *out.mutable_first_period() = ToProto(*first, !locked.empty());
  const MonthList question{.from = facts::FirstMonth(tx),
                           .last = facts::LastMonth(tx),
                           .current = ctx.env.zone.MonthOf(ctx.now),
                           .first_period = MonthOfFirst(first),
                           .locked = locked,
                           .state = static_cast<State>(req.state()),
                           .before = page.first() ? std::nullopt : std::optional(LastSeen(page))};
  const auto months = contract::Cut(kPeriodList, page, ListMonths(question, static_cast<std::size_t>(page.fetch())),
                                    [](Month month) { return std::vector<std::string>{std::to_string(month.number)}; });
  for (const Month month : months.rows) *out.add_periods() = Describe(tx, month, question.first_period);
  out.set_next_page_token(months.next_page_token);
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

}  // namespace renxin::commissions::periods
