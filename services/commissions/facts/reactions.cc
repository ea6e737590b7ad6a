#include "services/commissions/facts/reactions.h"

#include "services/commissions/facts/store.h"

namespace renxin::commissions::facts {

using renxin::facts::Malformed;

Status OnSettlementRecorded(Tx& tx, const EventContext& ctx, const leads::v1::SettlementRecorded& event) {
  ASSIGN_OR_RETURN(const renxin::facts::Settlement settlement, renxin::facts::ReadSettlement(ctx.env.zone, event));
  UpsertSettlement(tx, ctx, settlement);
  return Ok{};
}

Status OnCourseChanged(Tx& tx, const EventContext& ctx, const leads::v1::CourseChanged& event) {
  if (event.course_id().empty() || event.customer_id().empty() || event.course_no().empty() || event.version() < 1)
    return Malformed("course without id, customer, number or version");
  ASSIGN_OR_RETURN(const auto closed, renxin::facts::CountedAt(ctx.env.zone, "closed_at", event.closed_at()));
  UpsertCourse(tx, ctx, event, closed ? std::optional(closed->on) : std::nullopt);
  return Ok{};
}

Status OnReferralRecognised(Tx& tx, const EventContext& ctx, const referrals::v1::ReferralRecognised& event) {
  if (event.recognition_id().empty() || event.customer_id().empty() || event.rep_id().empty() || !ParseDay(event.from())) {
    return Malformed("recognition without id, customer, rep or day");
  }
  UpsertRecognition(tx, ctx, event);
  return Ok{};
}

}  // namespace renxin::commissions::facts
