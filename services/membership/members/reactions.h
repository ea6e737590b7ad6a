#pragma once
#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/runtime/reaction.h"

namespace renxin::membership::members {

// Adds to the set of facts and looks at the customers again: nothing is refused because something else is absent. Every
// event has its own line in the history of the class (M3).
std::vector<Status> OnSettlementsRecorded(Tx& tx, const std::vector<runtime::Delivered<leads::v1::SettlementRecorded>>& delivered);

}  // namespace renxin::membership::members
