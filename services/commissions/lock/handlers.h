#pragma once
// The lock of a period (C13) as an operation: it asks the owners of the facts what they add up to, computes every statement from one
// snapshot, payee by payee, and freezes them all in one transaction. However many payees there are, no request waits for them.

#include "renxin/commissions/v1/commissions.pb.h"
#include "renxin/identity/v1/identity.pb.h"
#include "renxin/leads/v1/settlements.pb.h"
#include "renxin/operations/v1/operations.pb.h"
#include "renxin/referrals/v1/referrals.pb.h"
#include "shared/operations/runner.h"
#include "shared/runtime/service_client.h"

namespace renxin::commissions::lock {

inline constexpr const char* kLockType = "period_lock";
// Drops what a lock left when it has ended; its key is the operation.
inline constexpr const char* kDraftsTimer = "period.drafts";

// What the owners of the facts say they add up to.
struct ControlTotals {
  leads::v1::ControlTotal leads;  // of the period
  referrals::v1::ControlTotal referrals;
  identity::v1::ControlTotal identity;
};
Result<ControlTotals> FetchTotals(runtime::ServiceClient& client, const std::string& period);

// LockPeriod: refused at once with the list of what stands in the way; otherwise the operation that locks it. Safe against itself run
// concurrently: a second one is answered with the operation of the first.
Result<ControlTotals> FetchControlTotals(runtime::ServiceClient& client, const CallContext& ctx, const v1::LockPeriodRequest& req);
Result<operations::v1::Operation> LockPeriod(Tx& tx, const CallContext& ctx, const v1::LockPeriodRequest& req, const ControlTotals& theirs);

operations::Type LockType();
void DropOldDrafts(Tx& tx, const TimerContext& ctx);

}  // namespace renxin::commissions::lock
