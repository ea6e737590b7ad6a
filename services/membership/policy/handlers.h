#pragma once
#include "renxin/membership/v1/membership.pb.h"
#include "shared/runtime/context.h"

namespace renxin::membership::policy {

Result<v1::ListPoliciesResponse> ListPolicies(Tx& tx, const CallContext& ctx, const v1::ListPoliciesRequest& req);
Result<v1::PolicyVersion> ChangePolicy(Tx& tx, const CallContext& ctx, const v1::ChangePolicyRequest& req);

}  // namespace renxin::membership::policy
