#pragma once
#include "renxin/leads/v1/leads_policy.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::policy {

Result<v1::PolicyVersion> GetPolicy(Tx& tx, const CallContext& ctx, const v1::GetPolicyRequest& req);
Result<v1::ListPoliciesResponse> ListPolicies(Tx& tx, const CallContext& ctx, const v1::ListPoliciesRequest& req);
Result<v1::PolicyVersion> ChangePolicy(Tx& tx, const CallContext& ctx, const v1::ChangePolicyRequest& req);

}  // namespace renxin::leads::policy
