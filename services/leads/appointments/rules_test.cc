#include "services/leads/appointments/rules.h"

#include <gtest/gtest.h>

namespace renxin::leads::appointments {
namespace {

TEST(Booking, G7_L5_is_checked_alike_on_every_entry_path) {
  const Zone zone("Asia/Shanghai");
  const Instant now = *ParseTime("2026-05-10T10:00:00+08:00");
  struct Case {
    const char* booked_at;
    const char* slot_start;
    const char* status_at;  // empty: none
    const char* by_route;   // field of the refusal; empty: taken
    const char* by_file;
  };
  for (const Case& c : {
           Case{"2026-05-10T10:00:00+08:00", "2026-05-11T09:00:00+08:00", "", "", ""},
           Case{"2026-05-10T10:00:00+08:00", "2027-05-01T09:00:00+08:00", "", "", ""},
           Case{"2026-05-10T10:00:00+08:00", "2062-05-11T09:00:00+08:00", "", "slot_start", "slot_start"},
           Case{"2062-05-10T10:00:00+08:00", "2062-05-11T09:00:00+08:00", "", "booked_at", "booked_at"},
           Case{"2026-05-10T10:00:00+08:00", "2026-05-11T09:00:00+08:00", "2062-05-11T09:00:00+08:00", "status_at", "status_at"},
           Case{"2026-05-04T10:00:00+08:00", "2026-05-05T09:00:00+08:00", "2026-05-05T09:00:00+08:00", "slot_start", ""},
           Case{"2026-05-04T10:00:00+08:00", "2026-05-03T09:00:00+08:00", "", "slot_start", "slot_start"},
           Case{"2026-05-04T10:00:00+08:00", "2026-05-04T09:00:00+08:00", "", "slot_start", ""},
       }) {
    Booking booking{"dental", *ParseTime(c.booked_at), *ParseTime(c.slot_start), std::nullopt};
    if (*c.status_at != '\0') booking.status_at = *ParseTime(c.status_at);
    const auto field = [&](EntryPath path) {
      const auto checked = CheckBooking(booking, zone, now, path);
      return checked ? std::string() : checked.error().fields.front().field;
    };
    EXPECT_EQ(field(EntryPath::kRoute), c.by_route) << c.booked_at << " " << c.slot_start;
    EXPECT_EQ(field(EntryPath::kFile), c.by_file) << c.booked_at << " " << c.slot_start;
  }
}

}  // namespace
}  // namespace renxin::leads::appointments
