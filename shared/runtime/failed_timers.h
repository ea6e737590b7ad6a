#pragma once
// Timers that were given up, as OpsService answers them.

#include "renxin/ops/v1/ops.pb.h"
#include "shared/runtime/context.h"

namespace renxin::runtime {

// Those of the longest ago first.
Result<ops::v1::ListFailedTimersResponse> ListFailedTimers(Tx& tx, const ops::v1::ListFailedTimersRequest& req);
// Due at once, with all its attempts. Twice at the same moment: the second finds nothing that was given up.
Result<ops::v1::FailedTimer> RetryTimer(Tx& tx, const CallContext& ctx, const ops::v1::RetryTimerRequest& req);

}  // namespace renxin::runtime
