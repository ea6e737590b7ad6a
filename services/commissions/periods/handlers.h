#pragma once
#include "renxin/commissions/v1/commissions.pb.h"
#include "renxin/identity/v1/identity.pb.h"
#include "renxin/leads/v1/settlements.pb.h"
#include "renxin/referrals/v1/referrals.pb.h"
#include "shared/runtime/service_client.h"

namespace renxin::commissions::periods {

Result<v1::ListPeriodsResponse> ListPeriods(Tx& tx, const CallContext& ctx, const v1::ListPeriodsRequest& req);
Result<v1::FirstPeriod> SetFirstPeriod(Tx& tx, const CallContext& ctx, const v1::SetFirstPeriodRequest& req);

// What the owners of the facts say they add up to, asked before the transaction.
struct ControlTotals {
  leads::v1::ControlTotal leads;  // of the period
  referrals::v1::ControlTotal referrals;
  identity::v1::ControlTotal identity;
};
Result<ControlTotals> FetchControlTotals(runtime::ServiceClient& client, const CallContext& ctx, const v1::LockPeriodRequest& req);
// Reads one snapshot (Service::Snapshot): totals, facts, roster and plans are all of one moment.
Result<v1::Period> LockPeriod(Tx& tx, const CallContext& ctx, const v1::LockPeriodRequest& req, const ControlTotals& theirs);
Result<v1::Ledger> GetLedger(Tx& tx, const CallContext& ctx, const v1::GetLedgerRequest& req);

}  // namespace renxin::commissions::periods
