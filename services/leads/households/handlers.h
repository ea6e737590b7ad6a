#pragma once
#include "renxin/leads/v1/households.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::households {

Result<v1::Household> GetHousehold(Tx& tx, const CallContext& ctx, const v1::GetHouseholdRequest& req);
Result<v1::ListHouseholdsResponse> ListHouseholds(Tx& tx, const CallContext& ctx, const v1::ListHouseholdsRequest& req);
Result<v1::Household> ConfirmHousehold(Tx& tx, const CallContext& ctx, const v1::ConfirmHouseholdRequest& req);

}  // namespace renxin::leads::households
