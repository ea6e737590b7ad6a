#pragma once
#include "renxin/leads/v1/visits.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::visits {

Result<v1::Visit> RegisterVisit(Tx& tx, const CallContext& ctx, const v1::RegisterVisitRequest& req);
Result<v1::Visit> GetVisit(Tx& tx, const CallContext& ctx, const v1::GetVisitRequest& req);
Result<v1::ListVisitsResponse> ListVisits(Tx& tx, const CallContext& ctx, const v1::ListVisitsRequest& req);
Result<common::v1::CountResponse> CountVisits(Tx& tx, const CallContext& ctx, const v1::CountVisitsRequest& req);

}  // namespace renxin::leads::visits
