#include "services/notifications/members/reactions.h"

#include "services/notifications/members/store.h"

namespace renxin::notifications::members {

Status OnMemberChanged(Tx& tx, const EventContext& /*ctx*/, const membership::v1::MemberChanged& event) {
  if (event.customer_id().empty() || event.version() <= 0) {
    return Error{Code::kInvalidArgument, Reason::kMalformedRequest, "malformed: member_changed without customer or version"};
  }
  Upsert(tx, {event.customer_id(), event.member_since(), static_cast<MemberClass>(event.member_class()), event.dispute_open(),
              event.version()});
  return Ok{};
}

}  // namespace renxin::notifications::members
