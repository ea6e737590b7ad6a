#include "services/leads/households/handlers.h"

#include "services/leads/households/store.h"

namespace renxin::leads::households {
namespace {

v1::Household ToProto(const Household& household) {
  v1::Household out;
  out.set_id(household.id);
  out.set_state(static_cast<v1::HouseholdState>(household.state));
  for (const std::string& member : household.members) out.add_customer_ids(member);
  return out;
}

}  // namespace

Result<v1::Household> GetHousehold(Tx& tx, const CallContext& /*ctx*/, const v1::GetHouseholdRequest& req) {
  const auto household = Get(tx, req.id());
  if (!household) return NotFound("household");
  return ToProto(*household);
}

Result<v1::ListHouseholdsResponse> ListHouseholds(Tx& tx, const CallContext& /*ctx*/, const v1::ListHouseholdsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kHouseholdList, req));
  const contract::Paged<Household> page = List(tx, static_cast<State>(req.state()), asked);
  v1::ListHouseholdsResponse out;
  for (const Household& household : page.rows) *out.add_households() = ToProto(household);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::Household> ConfirmHousehold(Tx& tx, const CallContext& ctx, const v1::ConfirmHouseholdRequest& req) {
  auto household = GetForUpdate(tx, req.id());
  if (!household) return NotFound("household");
  if (household->state != State::kProposed) return WrongState("L3: the household is confirmed already");
  SetState(tx, req.id(), State::kConfirmed);
  db::AppendSealedHistory(tx, ctx.env.sealer, {"household", req.id(), ctx.now, ctx.caller.username, "proposed", "confirmed", req.reason()});
  household->state = State::kConfirmed;
  return ToProto(*household);
}

}  // namespace renxin::leads::households
