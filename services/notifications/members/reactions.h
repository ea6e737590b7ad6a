#pragma once
#include "renxin/membership/v1/membership_events.pb.h"
#include "shared/runtime/context.h"

namespace renxin::notifications::members {

Status OnMemberChanged(Tx& tx, const EventContext& ctx, const membership::v1::MemberChanged& event);

}  // namespace renxin::notifications::members
