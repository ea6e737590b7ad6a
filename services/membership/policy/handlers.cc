#include "services/membership/policy/handlers.h"

#include "services/membership/members/refresh.h"
#include "services/membership/policy/rules.h"
#include "services/membership/policy/store.h"

namespace renxin::membership::policy {
namespace {

v1::PolicyVersion ToProto(const Version& version) {
  v1::PolicyVersion out;
  out.set_version(version.version);
  out.set_effective_from(FormatDay(version.effective_from));
  out.set_approver(version.approver);
  *out.mutable_policy() = version.policy;
  return out;
}

Status Check(const v1::MembershipPolicy& policy) {
  const auto list = [](const google::protobuf::RepeatedPtrField<std::string>& values) {
    return std::vector<std::string>(values.begin(), values.end());
  };
  RETURN_IF_ERROR(CheckCodes("policy.noninvasive_categories", list(policy.noninvasive_categories())));
  RETURN_IF_ERROR(CheckCodes("policy.skin_package_categories", list(policy.skin_package_categories())));
  RETURN_IF_ERROR(CheckCodes("policy.skin_course_categories", list(policy.skin_course_categories())));
  RETURN_IF_ERROR(CheckCodes("policy.redemption_reasons", list(policy.redemption_reasons())));
  return CheckCodes("policy.reversal_reasons", list(policy.reversal_reasons()));
}

}  // namespace

Result<v1::ListPoliciesResponse> ListPolicies(Tx& tx, const CallContext& /*ctx*/, const v1::ListPoliciesRequest& /*req*/) {
  v1::ListPoliciesResponse out;
  const Book book(tx);
  for (const Version& version : book.versions()) *out.add_policies() = ToProto(version);
  return out;
}

Result<v1::PolicyVersion> ChangePolicy(Tx& tx, const CallContext& ctx, const v1::ChangePolicyRequest& req) {
  ASSIGN_OR_RETURN(const Day from, ParseDay(req.effective_from()));
  RETURN_IF_ERROR(CheckBegin(from, ctx.env.zone.DayOf(ctx.now)));
  RETURN_IF_ERROR(Check(req.policy()));
  const Version version = Add(tx, req.policy(), from, ctx.caller.username, ctx.now);
  members::ScheduleReview(tx, version.version, ctx.env.zone.StartOf(from));
  return ToProto(version);
}

}  // namespace renxin::membership::policy
