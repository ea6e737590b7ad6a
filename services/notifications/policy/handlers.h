#pragma once
#include "renxin/notifications/v1/notifications.pb.h"
#include "shared/runtime/context.h"

namespace renxin::notifications {

Result<v1::PolicyVersion> GetPolicy(Tx& tx, const CallContext& ctx, const v1::GetPolicyRequest& req);
Result<v1::PolicyVersion> ChangePolicy(Tx& tx, const CallContext& ctx, const v1::ChangePolicyRequest& req);

}  // namespace renxin::notifications
