#include "services/leads/appointments/rules.h"

namespace renxin::leads::appointments {

Result<Booking> CheckBooking(Booking typed, const Zone& zone, Instant now, EntryPath path) {
  RETURN_IF_ERROR(CheckCode("department", &typed.department, true));
  RETURN_IF_ERROR(CheckHappened("booked_at", typed.booked_at, now, path));
  if (typed.status_at) RETURN_IF_ERROR(CheckHappened("status_at", *typed.status_at, now, path));
  RETURN_IF_ERROR(CheckAhead("slot_start", typed.slot_start, now));
  if (path == EntryPath::kRoute && typed.slot_start < now) return InvalidField("slot_start", "L5", "lies in the past");
  if (zone.DayOf(typed.slot_start) < zone.DayOf(typed.booked_at)) {
    return InvalidField("slot_start", "L5", "the appointment's day lies before the day it was booked");
  }
  return typed;
}

}  // namespace renxin::leads::appointments
