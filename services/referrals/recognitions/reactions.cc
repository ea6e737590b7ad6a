#include "services/referrals/recognitions/reactions.h"

#include "services/referrals/recognitions/store.h"
#include "shared/core/text.h"

namespace renxin::referrals::recognitions {
Status OnVisitRegistered(Tx& tx, const EventContext& ctx, const leads::v1::VisitRegistered& event) {
  const auto arrived = ParseTime(event.arrived_at());
  if (!arrived || event.visit_id().empty() || event.customer_id().empty()) {
    return Error{Code::kInvalidArgument, Reason::kMalformedRequest, "malformed: visit_registered without visit, customer or time"};
  }
  const Day day = ctx.env.zone.DayOf(*arrived);
  if (!StoreVisit(tx, {event.visit_id(), event.version(), event.customer_id(), event.rep_id(), day})) return Ok{};
  const auto known = OfVisit(tx, event.visit_id());
  if (!known && event.rep_id().empty()) return Ok{};
  Recognition r;
  r.id = known ? known->id : NewId();
  r.kind = Kind::kDesk;
  r.source = event.source();
  r.customer_id = event.customer_id();
  r.rep_id = event.rep_id().empty() ? known->rep_id : event.rep_id();
  r.partner_ref = event.partner_ref();
  r.from = day;
  r.share_bp = kWhole;
  r.reason = "rep named at the desk on " + FormatDay(day) + ": credits this visit's settlements";
  r.visit_id = event.visit_id();
  r.withdrawn = event.rep_id().empty();
  r.version = known ? known->version + 1 : 1;
  Store(tx, r, !known, "event:visit_registered", ctx.now);
  return Ok{};
}

}  // namespace renxin::referrals::recognitions
