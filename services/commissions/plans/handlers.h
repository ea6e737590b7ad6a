#pragma once
#include "renxin/commissions/v1/commissions.pb.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::plans {

Result<v1::PlanVersion> GetPlan(Tx& tx, const CallContext& ctx, const v1::GetPlanRequest& req);
Result<v1::ListPlansResponse> ListPlans(Tx& tx, const CallContext& ctx, const v1::ListPlansRequest& req);
Result<v1::PlanVersion> ProposePlan(Tx& tx, const CallContext& ctx, const v1::ProposePlanRequest& req);
Result<v1::PlanVersion> ApprovePlan(Tx& tx, const CallContext& ctx, const v1::ApprovePlanRequest& req);

}  // namespace renxin::commissions::plans
