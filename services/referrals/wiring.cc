#include "services/referrals/wiring.h"

#include "renxin/leads/v1/customers.pb.h"
#include "renxin/leads/v1/leads_events.pb.h"
#include "services/referrals/doctor/store.h"
#include "services/referrals/recognitions/imports.h"
#include "shared/intake/wiring.h"
#include "shared/operations/wiring.h"

namespace renxin::referrals {

std::vector<db::Migration> Migrations();

namespace {

// A row that waits for a customer: is there one whose event is still on its way?
Result<std::vector<std::string>> KnownCustomers(runtime::ServiceClient& client, const std::string& source,
                                                const std::string& /*needs_kind*/, const std::vector<std::string>& numbers) {
  leads::v1::ResolveCustomersRequest req;
  req.set_source(source);
  for (const std::string& no : numbers) req.add_customer_nos(no);
  ASSIGN_OR_RETURN(const auto res, client.Call<leads::v1::ResolveCustomersResponse>("leads", "CustomerService.ResolveCustomers", req));
  return std::vector<std::string>(res.customer_nos().begin(), res.customer_nos().end());
}

}  // namespace

Status OnCustomer(Tx& tx, const EventContext& ctx, const leads::v1::CustomerRegistered& event) {
  if (event.customer_id().empty() || event.customer_no().empty()) {
    return Error{Code::kInvalidArgument, Reason::kMalformedRequest, "malformed: customer_registered without customer"};
  }
  db::StoreAlias(tx, "customers", event.source(), event.customer_no(), event.customer_id(), event.version());
  // Looking for waiting rows sends what is staged; only when there are any is that worth its price.
  intake::ArrivedLater(tx, event.source(), "customers", ctx.now);
  return Ok{};
}

std::vector<db::Migration> AllMigrations() { return intake::WithImports(Migrations()); }

void Install(runtime::Service& service) {
  operations::Install(service, {intake::Install(service, {.service = "referrals",
                                                          .kinds = {recognitions::ImportKind()},
                                                          .roster_consumer = "referrals_roster",
                                                          .lookups = {{"customers", &KnownCustomers}}})});
  service.On("leads", "referrals_on-customer", &OnCustomer);
  service.Doctor(doctor::Checks());
}

}  // namespace renxin::referrals
