#pragma once
// What an appointment must be to be written down, on every entry path (G7, L5).

#include <optional>
#include <string>

#include "shared/core/entry.h"

namespace renxin::leads::appointments {

struct Booking {
  std::string department;
  Instant booked_at;
  Instant slot_start;
  std::optional<Instant> status_at;
};
// As it is kept. A slot may lie ahead, by a year at most; its day never lies before the day it was booked (times within a day are not
// compared), and by a route it does not lie in the past.
Result<Booking> CheckBooking(Booking typed, const Zone& zone, Instant now, EntryPath path);

}  // namespace renxin::leads::appointments
