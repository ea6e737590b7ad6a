#pragma once
#include "renxin/leads/v1/leads_events.pb.h"
#include "renxin/referrals/v1/referrals_events.pb.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::facts {

// All only add to a set: nothing is refused because something else is absent (C12).
Status OnSettlementRecorded(Tx& tx, const EventContext& ctx, const leads::v1::SettlementRecorded& event);
Status OnCourseChanged(Tx& tx, const EventContext& ctx, const leads::v1::CourseChanged& event);
Status OnReferralRecognised(Tx& tx, const EventContext& ctx, const referrals::v1::ReferralRecognised& event);

}  // namespace renxin::commissions::facts
