#include "shared/intake/wiring.h"

#include <memory>
#include <stdexcept>

#include "renxin/identity/v1/identity.pb.h"
#include "renxin/identity/v1/identity_events.pb.h"
#include "shared/runtime/roster.h"

namespace renxin::intake {

std::vector<db::Migration> Migrations();

namespace {

std::unique_ptr<Engine>& TheEngine() {
  static std::unique_ptr<Engine> engine;
  return engine;
}

// A row that waits for a rep or a consultant: is there one whose event is still on its way?
Result<std::vector<std::string>> KnownStaff(runtime::ServiceClient& client, const std::string& source, const std::string& /*needs_kind*/,
                                            const std::vector<std::string>& numbers) {
  identity::v1::ResolveStaffRequest req;
  req.set_source(source);
  for (const std::string& no : numbers) req.add_staff_nos(no);
  ASSIGN_OR_RETURN(const auto res, client.Call<identity::v1::ResolveStaffResponse>("identity", "StaffService.ResolveStaff", req));
  return std::vector<std::string>(res.staff_nos().begin(), res.staff_nos().end());
}

Status OnStaff(Tx& tx, const EventContext& ctx, const identity::v1::StaffChanged& event) {
  RETURN_IF_ERROR(runtime::OnStaffChanged(tx, ctx, event));
  Installed().Arrived(tx, event.source(), "staff", {event.staff_no()}, ctx.now);
  return Ok{};
}

}  // namespace

std::vector<db::Migration> WithImports(const std::vector<db::Migration>& own) {
  std::vector<db::Migration> all = Migrations();
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

operations::Type Install(runtime::Service& service, Wiring wiring) {
  TheEngine() = std::make_unique<Engine>(wiring.service);
  for (KindSpec& kind : wiring.kinds) TheEngine()->Add(std::move(kind));
  std::map<std::string, RemoteLookup> lookups = std::move(wiring.lookups);
  if (!wiring.roster_consumer.empty()) lookups.emplace("staff", &KnownStaff);
  if (!lookups.empty()) {
    TheEngine()->SetRemoteLookup([lookups = std::move(lookups)](runtime::ServiceClient& client, const std::string& source,
                                                                const std::string& needs_kind, const std::vector<std::string>& numbers) {
      const auto lookup = lookups.find(needs_kind);
      if (lookup == lookups.end()) return Result<std::vector<std::string>>(std::vector<std::string>());
      return lookup->second(client, source, needs_kind, numbers);
    });
  }
  if (!wiring.roster_consumer.empty()) service.On("identity", wiring.roster_consumer, &OnStaff);
  return TheEngine()->Install(service);
}

const Engine& Installed() {
  if (TheEngine() == nullptr) throw std::logic_error("imports are not installed");
  return *TheEngine();
}

}  // namespace renxin::intake
