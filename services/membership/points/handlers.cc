#include "services/membership/points/handlers.h"

#include <algorithm>

#include "renxin/membership/v1/membership_policy.pb.h"
#include "services/membership/members/refresh.h"
#include "services/membership/members/store.h"
#include "services/membership/points/store.h"
#include "services/membership/policy/policy.h"
#include "shared/contract/page.h"
#include "shared/core/text.h"

namespace renxin::membership::points {
namespace {

// What an entry of that account and sign is called in the interface.
v1::PointEntryKind KindOf(LedgerAccount ledger_account, bool in) {
  switch (ledger_account) {
    case LedgerAccount::kEarned:
      return in ? v1::POINT_ENTRY_KIND_EARNED : v1::POINT_ENTRY_KIND_TAKEN_BACK;
    case LedgerAccount::kClaim:
      return in ? v1::POINT_ENTRY_KIND_RESTORED : v1::POINT_ENTRY_KIND_TAKEN_BACK;
    case LedgerAccount::kExpiry:
      return in ? v1::POINT_ENTRY_KIND_RESTORED : v1::POINT_ENTRY_KIND_EXPIRED;
    case LedgerAccount::kDebt:
      return in ? v1::POINT_ENTRY_KIND_DEBT_PAID : v1::POINT_ENTRY_KIND_OWED;
    case LedgerAccount::kRedemption:
      return in ? v1::POINT_ENTRY_KIND_REVERSED : v1::POINT_ENTRY_KIND_REDEEMED;
  }
  return v1::POINT_ENTRY_KIND_UNSPECIFIED;
}

v1::PointEntry ToProto(const Entry& entry) {
  v1::PointEntry out;
  out.set_kind(KindOf(entry.key.ledger_account, entry.points > 0));
  out.set_points(entry.points);
  out.set_settlement_id(entry.key.lot_id);
  out.set_for_id(entry.key.for_id);
  out.set_at(FormatTime(entry.at));
  out.set_by(entry.by);
  return out;
}

v1::Redemption ToProto(const Redemption& redemption, std::int64_t balance) {
  v1::Redemption out;
  out.set_id(redemption.id);
  out.set_customer_id(redemption.customer_id);
  out.set_points(redemption.points);
  out.set_reason(redemption.reason);
  out.set_redeemed_at(FormatTime(redemption.at));
  out.set_redeemed_by(redemption.by);
  for (const Allocation& allocation : redemption.allocations) {
    auto* to = out.add_allocations();
    to->set_settlement_id(allocation.lot_id);
    to->set_points(allocation.points);
  }
  if (redemption.reversed_at) out.set_reversed_at(FormatTime(*redemption.reversed_at));
  out.set_reversed_by(redemption.reversed_by);
  out.set_reversal_reason(redemption.reversal_reason);
  out.set_balance(balance);
  return out;
}

Status CheckReason(const std::string& reason, const google::protobuf::RepeatedPtrField<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), reason) != allowed.end()) return Ok{};
  return InvalidField("reason", "M7", "must be one of " + Join({allowed.begin(), allowed.end()}, ", "));
}

}  // namespace

Result<v1::Points> GetPoints(Tx& tx, const CallContext& ctx, const v1::GetPointsRequest& req) {
  if (!members::Get(tx, req.customer_id())) return NotFound("member");
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kLedgerList, req));
  const policy::History policies(tx);
  const Account account = Load(tx, ctx.env, policies, members::FactsOf(tx, req.customer_id()), req.customer_id(), ctx.now);
  v1::Points out;
  out.set_customer_id(req.customer_id());
  out.set_balance(account.balance);
  out.set_debt(account.debt);
  for (const Lot& lot : account.lots) {
    if (lot.left == 0) continue;
    auto* to = out.add_lots();
    to->set_settlement_id(lot.id);
    to->set_earned_at(FormatTime(lot.earned_at));
    to->set_expires_at(FormatTime(lot.expires_at));
    to->set_earned(lot.earned);
    to->set_left(lot.left);
  }
  const contract::Paged<Entry> page = Ledger(tx, req.customer_id(), asked);
  for (const Entry& entry : page.rows) *out.add_ledger() = ToProto(entry);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::Redemption> RedeemPoints(Tx& tx, const CallContext& ctx, const v1::RedeemPointsRequest& req) {
  const policy::History policies(tx);
  RETURN_IF_ERROR(CheckReason(req.reason(), policies.On(ctx.env.zone.DayOf(ctx.now)).redemption_reasons()));
  if (!members::Get(tx, req.customer_id())) return NotFound("member");
  members::Row row = members::Lock(tx, req.customer_id(), ctx.now);
  if (row.member_class == members::Class::kJ) return WrongState("M3: archived (class J), no member services");
  const Account before = members::RefreshPoints(tx, ctx.env, &row, ctx.caller.username, ctx.now);
  Redemption redemption{.id = NewId(), .customer_id = req.customer_id(), .points = req.points(), .reason = req.reason()};
  ASSIGN_OR_RETURN(redemption.allocations, Redeem(before, req.points()));
  redemption.at = ctx.now;
  redemption.by = ctx.caller.username;
  Insert(tx, redemption);
  const Account after = members::RefreshPoints(tx, ctx.env, &row, ctx.caller.username, ctx.now);
  members::SavePoints(tx, &row, after, ctx.now);
  return ToProto(redemption, after.balance);
}

Result<v1::Redemption> ReverseRedemption(Tx& tx, const CallContext& ctx, const v1::ReverseRedemptionRequest& req) {
  const policy::History policies(tx);
  RETURN_IF_ERROR(CheckReason(req.reason(), policies.On(ctx.env.zone.DayOf(ctx.now)).reversal_reasons()));
  if (!members::Get(tx, req.customer_id())) return NotFound("member");
  members::Row row = members::Lock(tx, req.customer_id(), ctx.now);
  auto redemption = Get(tx, req.customer_id(), req.redemption_id());
  if (!redemption) return NotFound("redemption");
  if (redemption->reversed_at) return WrongState("M7: the redemption is reversed already");
  Reverse(tx, *redemption, req.reason(), {ctx.caller.username, ctx.now});
  redemption->reversed_at = ctx.now;
  redemption->reversed_by = ctx.caller.username;
  redemption->reversal_reason = req.reason();
  const Account after = members::RefreshPoints(tx, ctx.env, &row, ctx.caller.username, ctx.now);
  members::SavePoints(tx, &row, after, ctx.now);
  return ToProto(*redemption, after.balance);
}

}  // namespace renxin::membership::points
