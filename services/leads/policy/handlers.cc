#include "services/leads/policy/handlers.h"

#include "services/leads/policy/policy.h"
#include "services/leads/policy/rules.h"
#include "shared/core/phone.h"

namespace renxin::leads::policy {
namespace {

v1::PolicyVersion ToProto(const db::PolicyRow& row) {
  v1::PolicyVersion out;
  out.set_version(row.version);
  out.set_effective_from(row.effective_from);
  out.set_approver(row.approver);
  out.mutable_policy()->ParseFromString(row.body);
  return out;
}

}  // namespace

Result<v1::PolicyVersion> GetPolicy(Tx& tx, const CallContext& ctx, const v1::GetPolicyRequest& req) {
  const Day day = req.on().empty() ? ctx.env.zone.DayOf(ctx.now) : *ParseDay(req.on());
  const auto row = db::PolicyRowOn(tx, "leads", day);
  if (!row) return NotFound("policy");
  return ToProto(*row);
}

Result<v1::ListPoliciesResponse> ListPolicies(Tx& tx, const CallContext& /*ctx*/, const v1::ListPoliciesRequest& /*req*/) {
  v1::ListPoliciesResponse out;
  for (const db::PolicyRow& row : db::PolicyRows(tx, "leads")) *out.add_policies() = ToProto(row);
  return out;
}

Result<v1::PolicyVersion> ChangePolicy(Tx& tx, const CallContext& ctx, const v1::ChangePolicyRequest& req) {
  const v1::LeadsPolicy& policy = req.policy();
  const Lists lists{ToList(policy.channels()), ToList(policy.categories()), ToList(policy.payers())};
  const Day from = *ParseDay(req.effective_from());
  RETURN_IF_ERROR(Check(lists, from, ctx.env.zone.DayOf(ctx.now)));
  if (!IsPhoneRegion(policy.default_region())) return InvalidField("policy.default_region", "G4", "no region of phone numbers");
  db::AddPolicy(tx, "leads", from, ctx.caller.username, policy.SerializeAsString(), ctx.now);
  const auto row = db::PolicyRowOn(tx, "leads", from);
  db::AppendHistory(tx, {"leads_policy", "leads", ctx.now, ctx.caller.username, "", "version " + std::to_string(row->version),
                         "in force from " + req.effective_from()});
  return ToProto(*row);
}

}  // namespace renxin::leads::policy
