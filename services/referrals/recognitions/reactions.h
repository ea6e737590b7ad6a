#pragma once
#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/runtime/context.h"

namespace renxin::referrals::recognitions {

// A rep named at the desk on arrival: a recognition of kind `desk`, for that visit's
// settlements. A later version of the visit changes or withdraws it.
Status OnVisitRegistered(Tx& tx, const EventContext& ctx, const leads::v1::VisitRegistered& event);

}  // namespace renxin::referrals::recognitions
