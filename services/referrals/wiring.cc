#include "services/referrals/wiring.h"

#include "renxin/identity/v1/identity.pb.h"
#include "renxin/identity/v1/identity_events.pb.h"
#include "renxin/leads/v1/customers.pb.h"
#include "renxin/leads/v1/leads_events.pb.h"
#include "services/referrals/doctor/store.h"
#include "services/referrals/recognitions/imports.h"
#include "shared/runtime/roster.h"

namespace renxin::intake {
std::vector<db::Migration> Migrations();
}

namespace renxin::referrals {

std::vector<db::Migration> Migrations();

namespace {

intake::Engine& TheEngine() {
  static intake::Engine engine("referrals");
  return engine;
}

Result<std::vector<std::string>> RemoteLookup(runtime::ServiceClient& client, const std::string& source, const std::string& needs_kind,
                                              const std::vector<std::string>& numbers) {
  if (needs_kind == "staff") {
    identity::v1::ResolveStaffRequest req;
    req.set_source(source);
    for (const std::string& no : numbers) req.add_staff_nos(no);
    ASSIGN_OR_RETURN(const auto res, client.Call<identity::v1::ResolveStaffResponse>("identity", "StaffService.ResolveStaff", req));
    return std::vector<std::string>(res.staff_nos().begin(), res.staff_nos().end());
  }
  leads::v1::ResolveCustomersRequest req;
  req.set_source(source);
  for (const std::string& no : numbers) req.add_customer_nos(no);
  ASSIGN_OR_RETURN(const auto res, client.Call<leads::v1::ResolveCustomersResponse>("leads", "CustomerService.ResolveCustomers", req));
  return std::vector<std::string>(res.customer_nos().begin(), res.customer_nos().end());
}

Status OnStaff(Tx& tx, const EventContext& ctx, const identity::v1::StaffChanged& event) {
  RETURN_IF_ERROR(runtime::OnStaffChanged(tx, ctx, event));
  TheEngine().Arrived(tx, event.source(), "staff", {event.staff_no()}, ctx.now);
  return Ok{};
}

}  // namespace

Status OnCustomer(Tx& tx, const EventContext& ctx, const leads::v1::CustomerRegistered& event) {
  if (event.customer_id().empty() || event.customer_no().empty()) {
    return Error{Code::kInvalidArgument, Reason::kMalformedRequest, "malformed: customer_registered without customer"};
  }
  db::StoreAlias(tx, "customers", event.source(), event.customer_no(), event.customer_id(), event.version());
  // Looking for waiting rows sends what is staged; only when there are any is that worth its price.
  TheEngine().ArrivedLater(tx, event.source(), "customers", ctx.now);
  return Ok{};
}

std::vector<db::Migration> AllMigrations() {
  std::vector<db::Migration> all = intake::Migrations();
  for (const db::Migration& own : Migrations()) all.push_back(own);
  return all;
}

void Install(runtime::Service& service) {
  TheEngine().Add(recognitions::Attributions()).SetRemoteLookup(&RemoteLookup).Install(service);
  service.On("identity", "referrals_roster", &OnStaff);
  service.On("leads", "referrals_on-customer", &OnCustomer);
  service.Doctor(doctor::Checks());
}

}  // namespace renxin::referrals
