#pragma once
#include "renxin/identity/v1/identity.pb.h"
#include "shared/runtime/context.h"

namespace renxin::identity::staff {

Result<v1::Staff> CreateStaff(Tx& tx, const CallContext& ctx, const v1::CreateStaffRequest& req);
Result<v1::Staff> GetStaff(Tx& tx, const CallContext& ctx, const v1::GetStaffRequest& req);
Result<v1::ListStaffResponse> ListStaff(Tx& tx, const CallContext& ctx, const v1::ListStaffRequest& req);
Result<v1::Staff> MoveStaff(Tx& tx, const CallContext& ctx, const v1::MoveStaffRequest& req);
Result<v1::ResolveStaffResponse> ResolveStaff(Tx& tx, const CallContext& ctx, const v1::ResolveStaffRequest& req);
Result<v1::ControlTotal> GetControlTotal(Tx& tx, const CallContext& ctx, const v1::GetControlTotalRequest& req);

}  // namespace renxin::identity::staff
