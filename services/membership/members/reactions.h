#pragma once
#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/runtime/context.h"

namespace renxin::membership::members {

// Adds to the set of facts and looks at the customer again: nothing is refused because something else is absent.
Status OnSettlementRecorded(Tx& tx, const EventContext& ctx, const leads::v1::SettlementRecorded& event);

}  // namespace renxin::membership::members
