#pragma once
#include "renxin/commissions/v1/commissions.pb.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::periods {

Result<v1::Period> GetPeriod(Tx& tx, const CallContext& ctx, const v1::GetPeriodRequest& req);
Result<v1::ListPeriodsResponse> ListPeriods(Tx& tx, const CallContext& ctx, const v1::ListPeriodsRequest& req);
Result<v1::FirstPeriod> SetFirstPeriod(Tx& tx, const CallContext& ctx, const v1::SetFirstPeriodRequest& req);

}  // namespace renxin::commissions::periods
