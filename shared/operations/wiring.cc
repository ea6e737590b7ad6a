#include "shared/operations/wiring.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "renxin/operations/v1/operations.pb.h"
#include "shared/contract/error.h"

namespace renxin::operations {
namespace {

using Types = std::map<std::string, Type>;

// Of this process: handlers are plain functions.
Types& Installed() {
  static Types types;
  return types;
}

bool MaySee(const Caller& caller, const std::string& type) {
  const auto found = Installed().find(type);
  if (found == Installed().end()) return false;
  return std::any_of(found->second.roles.begin(), found->second.roles.end(), [&](const std::string& role) { return caller.Has(role); });
}

// Who may not see it does not learn that it is there.
Result<Operation> LoadFor(Tx& tx, const CallContext& ctx, const std::string& id, bool for_update) {
  auto op = Load(tx, id, for_update);
  if (!op || !MaySee(ctx.caller, op->type)) return NotFound("operation");
  return std::move(*op);
}

Result<v1::Operation> GetOperation(Tx& tx, const CallContext& ctx, const v1::GetOperationRequest& req) {
  ASSIGN_OR_RETURN(const Operation op, LoadFor(tx, ctx, req.id(), false));
  return Describe(tx, op);
}

Result<v1::ListOperationsResponse> ListOperations(Tx& tx, const CallContext& ctx, const v1::ListOperationsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kOperationList, req));
  ListFilter filter{.types = {}, .state = req.state()};
  for (const auto& [name, type] : Installed()) {
    if (MaySee(ctx.caller, name) && (req.type().empty() || req.type() == name)) filter.types.push_back(name);
  }
  v1::ListOperationsResponse out;
  if (filter.types.empty()) return out;
  const contract::Paged<Operation> page = List(tx, filter, asked);
  for (const Operation& op : page.rows) *out.add_operations() = Describe(tx, op);
  out.set_next_page_token(page.next_page_token);
  return out;
}

// Safe against itself run concurrently: the row is held, and what was requested is requested.
Result<v1::Operation> CancelOperation(Tx& tx, const CallContext& ctx, const v1::CancelOperationRequest& req) {
  ASSIGN_OR_RETURN(Operation op, LoadFor(tx, ctx, req.id(), true));
  if (op.ended()) return WrongState("the operation has ended");
  if (!op.cancel_requested) {
    RequestCancel(tx, op.id, ctx.now);
    op.cancel_requested = true;
    db::AppendSealedHistory(tx, ctx.env.sealer, {"operation", op.id, ctx.now, ctx.caller.username, "", "cancel requested", req.reason()});
  }
  return Describe(tx, op);
}

std::string OwnerOf(const runtime::Config& config) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + "|" + config.http_address;
}

}  // namespace

v1::Operation Describe(Tx& tx, const Operation& op) {
  v1::Operation out;
  out.set_id(op.id);
  out.set_type(op.type);
  out.set_subject(op.subject);
  out.set_state(op.state);
  out.set_done(op.done);
  out.set_total(op.total);
  out.set_percent(op.ended() ? 100 : op.total <= 0 ? 0 : static_cast<int>(std::clamp<std::int64_t>(op.done * 100 / op.total, 0, 99)));
  if (op.failure) *out.mutable_failure() = contract::ToProto(*op.failure);
  out.set_created_by(op.created_by);
  out.set_created_at(FormatTime(op.created_at));
  if (op.ended_at) out.set_ended_at(FormatTime(*op.ended_at));
  out.set_cancel_requested(op.cancel_requested);
  const auto type = Installed().find(op.type);
  if (type != Installed().end() && type->second.describe) type->second.describe(tx, op, &out);
  return out;
}

void Install(runtime::Service& service, std::vector<Type> types) {
  Installed().clear();
  for (Type& type : types) Installed().emplace(type.name, type);
  service.Query("OperationService.GetOperation", &GetOperation)
      .Query("OperationService.ListOperations", &ListOperations)
      .Command("OperationService.CancelOperation", &CancelOperation);
  for (const auto& [name, type] : Installed()) service.Gauge("running_" + name, [name = name](Tx& tx) { return CountRunning(tx, name); });
  service.AtStart([&service](Tx& tx, const TimerContext& ctx) { ReleaseAllOf(tx, OwnerOf(service.config()), ctx.now); });
  service.AddLoop([](const runtime::LoopParts& parts) {
    return std::make_unique<Runner>(Installed(), RunnerOptions{.url = parts.config.database_url, .owner = OwnerOf(parts.config)}, parts.env,
                                    parts.lanes, parts.client);
  });
}

}  // namespace renxin::operations
