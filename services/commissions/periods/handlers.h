#pragma once
#include "renxin/commissions/v1/commissions.pb.h"
#include "renxin/leads/v1/settlements.pb.h"
#include "shared/runtime/service.h"

namespace renxin::commissions::periods {

Result<v1::ListPeriodsResponse> ListPeriods(Tx& tx, const CallContext& ctx, const v1::ListPeriodsRequest& req);
// What leads says of the period, asked before the transaction.
Result<leads::v1::ControlTotal> AskControlTotal(runtime::Asker& asker, const CallContext& ctx, const v1::LockPeriodRequest& req);
Result<v1::Period> LockPeriod(Tx& tx, const CallContext& ctx, const v1::LockPeriodRequest& req, const leads::v1::ControlTotal& theirs);
Result<v1::Ledger> GetLedger(Tx& tx, const CallContext& ctx, const v1::GetLedgerRequest& req);

}  // namespace renxin::commissions::periods
