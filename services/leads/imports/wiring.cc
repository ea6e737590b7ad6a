#include "services/leads/imports/wiring.h"

#include "renxin/identity/v1/identity.pb.h"
#include "renxin/identity/v1/identity_events.pb.h"
#include "services/leads/imports/imports.h"
#include "shared/runtime/roster.h"

namespace renxin::intake {
std::vector<db::Migration> Migrations();
}
namespace renxin::leads {
std::vector<db::Migration> Migrations();
}

namespace renxin::leads::imports {
namespace {

intake::Engine& TheEngine() {
  static intake::Engine engine("leads");
  return engine;
}

// A row that waits for a rep or a consultant: is there one whose event is still on its way?
Result<std::vector<std::string>> KnownStaff(runtime::ServiceClient& client, const std::string& source, const std::string& needs_kind,
                                            const std::vector<std::string>& numbers) {
  if (needs_kind != "staff") return std::vector<std::string>();
  identity::v1::ResolveStaffRequest req;
  req.set_source(source);
  for (const std::string& no : numbers) req.add_staff_nos(no);
  ASSIGN_OR_RETURN(const auto res, client.Call<identity::v1::ResolveStaffResponse>("identity", "StaffService.ResolveStaff", req));
  return std::vector<std::string>(res.staff_nos().begin(), res.staff_nos().end());
}

Status OnStaff(Tx& tx, const EventContext& ctx, const identity::v1::StaffChanged& event) {
  RETURN_IF_ERROR(runtime::OnStaffChanged(tx, ctx, event));
  TheEngine().Arrived(tx, event.source(), "staff", {event.staff_no()}, ctx.now);
  return Ok{};
}

}  // namespace

std::vector<db::Migration> AllMigrations() {
  std::vector<db::Migration> all = intake::Migrations();
  for (const db::Migration& own : leads::Migrations()) all.push_back(own);
  return all;
}

void Install(runtime::Service& service) {
  TheEngine()
      .Add(Customers())
      .Add(Leads())
      .Add(Appointments())
      .Add(Visits())
      .Add(Settlements())
      .SetRemoteLookup(&KnownStaff)
      .Install(service);
  service.On("identity", "leads_roster", &OnStaff);
}

}  // namespace renxin::leads::imports
