#include "services/notifications/policy/handlers.h"

#include "services/notifications/policy/store.h"
#include "services/notifications/templates/store.h"

namespace renxin::notifications {
namespace {

v1::PolicyVersion ToProto(const PolicyRow& row) {
  v1::PolicyVersion out;
  out.set_version(row.version);
  out.set_effective_from(row.effective_from);
  out.set_approver(row.approver);
  *out.mutable_policy() = row.body;
  return out;
}

}  // namespace

Result<v1::PolicyVersion> GetPolicy(Tx& tx, const CallContext& ctx, const v1::GetPolicyRequest& req) {
  Day day = ctx.env.zone.DayOf(ctx.now);
  if (!req.day().empty()) {
    ASSIGN_OR_RETURN(day, ParseDay(req.day()));
  }
  const auto row = PolicyRowOn(tx, day);
  if (!row) return NotFound("policy");
  return ToProto(*row);
}

Result<v1::PolicyVersion> ChangePolicy(Tx& tx, const CallContext& ctx, const v1::ChangePolicyRequest& req) {
  ASSIGN_OR_RETURN(const Day from, ParseDay(req.effective_from()));
  if (from < ctx.env.zone.DayOf(ctx.now)) return InvalidField("effective_from", "G5", "a policy does not begin in the past");
  RETURN_IF_ERROR(CheckPolicy(FromProto(req.policy()), templates::CodesOfKind(tx, "birthday")));
  db::AddPolicy(tx, "notifications", from, ctx.caller.username, req.policy().SerializeAsString(), ctx.now);
  const auto row = PolicyRowOn(tx, from);
  db::AppendSealedHistory(
      tx, ctx.env.sealer,
      {"notifications_policy", "notifications", ctx.now, ctx.caller.username, "", "version " + std::to_string(row->version), req.reason()});
  return ToProto(*row);
}

}  // namespace renxin::notifications
