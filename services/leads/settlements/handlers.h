#pragma once
#include "renxin/leads/v1/settlements.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::settlements {

Result<v1::Settlement> RecordSettlement(Tx& tx, const CallContext& ctx, const v1::RecordSettlementRequest& req);
Result<v1::Settlement> GetSettlement(Tx& tx, const CallContext& ctx, const v1::GetSettlementRequest& req);
Result<v1::ListSettlementsResponse> ListSettlements(Tx& tx, const CallContext& ctx, const v1::ListSettlementsRequest& req);
Result<v1::SettlementSummary> SummariseSettlements(Tx& tx, const CallContext& ctx, const v1::SummariseSettlementsRequest& req);
Result<v1::RankCustomersResponse> RankCustomers(Tx& tx, const CallContext& ctx, const v1::RankCustomersRequest& req);
Result<v1::ControlTotal> GetControlTotal(Tx& tx, const CallContext& ctx, const v1::GetControlTotalRequest& req);

}  // namespace renxin::leads::settlements
