#include "services/leads/customers/handlers.h"

#include "services/leads/customers/store.h"
#include "shared/intake/store.h"

namespace renxin::leads::customers {
namespace {

v1::Household ToProto(const HouseholdRow& row) {
  v1::Household household;
  household.set_id(row.id);
  household.set_state(static_cast<v1::HouseholdState>(row.state));
  for (const std::string& member : row.members) household.add_customer_ids(member);
  return household;
}

}  // namespace

Result<v1::Customer> GetCustomer(Tx& tx, const CallContext& ctx, const v1::GetCustomerRequest& req) {
  const auto customer = Get(tx, ctx.env, req.id());
  if (!customer) return NotFound("customer");
  v1::Customer out;
  out.set_id(customer->id);
  out.set_name(customer->person.name);
  out.set_phone(customer->person.phone);
  out.set_birthday(customer->person.birthday);
  out.set_birthday_calendar(customer->person.birthday_calendar);
  out.set_marketing_consent(customer->consent.marketing);
  for (const auto& [source, no] : OutsideNumbers(tx, req.id())) {
    auto* number = out.add_outside_numbers();
    number->set_source(source);
    number->set_no(no);
  }
  out.set_version(customer->version);
  return out;
}

Result<v1::RevealedCustomer> RevealCustomer(Tx& tx, const CallContext& ctx, const v1::RevealCustomerRequest& req) {
  const auto customer = Get(tx, ctx.env, req.id());
  if (!customer) return NotFound("customer");
  // G6: every unmasked read is audited, in one transaction with the answer.
  db::NoteTyped(tx, ctx.env.sealer, {"customer", req.id(), ctx.now, ctx.caller.username, "", "revealed", req.reason()});
  v1::RevealedCustomer out;
  out.set_id(customer->id);
  out.set_name(customer->person.name);
  out.set_phone(customer->person.phone);
  out.set_birthday(customer->person.birthday);
  out.set_birthday_calendar(customer->person.birthday_calendar);
  return out;
}

Result<v1::CountCustomersResponse> CountCustomers(Tx& tx, const CallContext& /*ctx*/, const v1::CountCustomersRequest& req) {
  v1::CountCustomersResponse out;
  out.set_customers(Count(tx, req.imported_from()));
  out.set_households_proposed(CountHouseholds(tx, req.imported_from()));
  return out;
}

Result<v1::ListHouseholdsResponse> ListHouseholds(Tx& tx, const CallContext& /*ctx*/, const v1::ListHouseholdsRequest& req) {
  const int limit = req.page_size() == 0 ? 50 : req.page_size();
  v1::ListHouseholdsResponse out;
  for (const HouseholdRow& row : Households(tx, req.page_token(), limit)) *out.add_households() = ToProto(row);
  if (out.households_size() == limit) out.set_next_page_token(out.households(limit - 1).id());
  return out;
}

Result<v1::Household> ConfirmHousehold(Tx& tx, const CallContext& ctx, const v1::ConfirmHouseholdRequest& req) {
  auto row = GetHousehold(tx, req.id());
  if (!row) return NotFound("household");
  if (row->state != v1::HOUSEHOLD_STATE_PROPOSED) return WrongState("L3: the household is confirmed already");
  SetHouseholdState(tx, req.id(), v1::HOUSEHOLD_STATE_CONFIRMED);
  db::NoteTyped(tx, ctx.env.sealer, {"household", req.id(), ctx.now, ctx.caller.username, "proposed", "confirmed", req.reason()});
  row->state = v1::HOUSEHOLD_STATE_CONFIRMED;
  return ToProto(*row);
}

Result<v1::ResolveCustomersResponse> ResolveCustomers(Tx& tx, const CallContext& /*ctx*/, const v1::ResolveCustomersRequest& req) {
  v1::ResolveCustomersResponse out;
  const std::vector<std::string> numbers(req.customer_nos().begin(), req.customer_nos().end());
  for (const intake::store::Known& key : intake::store::Keys(tx, "customers", req.source(), numbers)) out.add_customer_nos(key.no);
  return out;
}

}  // namespace renxin::leads::customers
