#include "services/leads/customers/handlers.h"

#include "services/leads/customers/store.h"
#include "services/leads/households/store.h"
#include "shared/intake/store.h"

namespace renxin::leads::customers {
Result<v1::Customer> GetCustomer(Tx& tx, const CallContext& ctx, const v1::GetCustomerRequest& req) {
  const auto customer = Get(tx, ctx.env, req.id());
  if (!customer) return NotFound("customer");
  v1::Customer out;
  out.set_id(customer->id);
  out.set_name(customer->person.name);
  out.set_phone(customer->person.phone);
  out.set_phone_extension(customer->person.phone_extension);
  out.set_birthday(customer->person.birthday);
  out.set_birthday_calendar(customer->person.birthday_calendar);
  out.set_marketing_consent(customer->consent.marketing);
  out.set_birthday_unconfirmed(customer->birthday_unconfirmed);
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
  db::AppendSealedHistory(tx, ctx.env.sealer, {"customer", req.id(), ctx.now, ctx.caller.username, "", "revealed", req.reason()});
  v1::RevealedCustomer out;
  out.set_id(customer->id);
  out.set_name(customer->person.name);
  out.set_phone(customer->person.phone);
  out.set_phone_extension(customer->person.phone_extension);
  out.set_birthday(customer->person.birthday);
  out.set_birthday_calendar(customer->person.birthday_calendar);
  return out;
}

Result<v1::CountCustomersResponse> CountCustomers(Tx& tx, const CallContext& /*ctx*/, const v1::CountCustomersRequest& req) {
  v1::CountCustomersResponse out;
  out.set_customers(Count(tx, req.imported_from()));
  out.set_households_proposed(households::Count(tx, req.imported_from()));
  return out;
}

Result<v1::ResolveCustomersResponse> ResolveCustomers(Tx& tx, const CallContext& /*ctx*/, const v1::ResolveCustomersRequest& req) {
  v1::ResolveCustomersResponse out;
  const std::vector<std::string> numbers(req.customer_nos().begin(), req.customer_nos().end());
  for (const intake::store::Known& key : intake::store::Keys(tx, "customers", req.source(), numbers)) out.add_customer_nos(key.no);
  return out;
}

}  // namespace renxin::leads::customers
