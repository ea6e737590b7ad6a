#pragma once
#include "renxin/membership/v1/membership.pb.h"
#include "shared/runtime/context.h"

namespace renxin::membership::points {

Result<v1::Points> GetPoints(Tx& tx, const CallContext& ctx, const v1::GetPointsRequest& req);
Result<v1::Redemption> RedeemPoints(Tx& tx, const CallContext& ctx, const v1::RedeemPointsRequest& req);
Result<v1::Redemption> ReverseRedemption(Tx& tx, const CallContext& ctx, const v1::ReverseRedemptionRequest& req);

}  // namespace renxin::membership::points
