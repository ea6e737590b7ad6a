#include "services/leads/visits/rules.h"

#include <gtest/gtest.h>

namespace renxin::leads::visits {
namespace {

template <class T>
std::string FieldOf(const Result<T>& checked) {
  return checked ? std::string() : checked.error().fields.front().field;
}

TEST(Arrivals, G7_L6_are_checked_alike_on_every_entry_path) {
  const Instant now = *ParseTime("2026-05-10T10:00:00+08:00");
  const Arrival sound{.customer_id = "c", .department = "dental", .partner_no = "", .slip_no = "", .card_no = "", .arrived_at = now};
  EXPECT_EQ(FieldOf(CheckArrival(sound, now, EntryPath::kRoute)), "");
  for (const EntryPath path : {EntryPath::kRoute, EntryPath::kFile}) {
    Arrival late = sound;
    late.arrived_at = *ParseTime("2062-01-05T10:00:00+08:00");
    EXPECT_EQ(FieldOf(CheckArrival(late, now, path)), "arrived_at");
    Arrival nowhere = sound;
    nowhere.department = " \xE3\x80\x80";
    EXPECT_EQ(FieldOf(CheckArrival(nowhere, now, path)), "department");
    Arrival slip = sound;
    slip.slip_no = std::string(61, 'x');
    EXPECT_EQ(FieldOf(CheckArrival(slip, now, path)), "slip_no");
  }
}

TEST(Arrivals, L6_the_lead_is_the_same_customers) {
  EXPECT_TRUE(CheckLeadOf("lead_no", "a", "a"));
  EXPECT_EQ(FieldOf(CheckLeadOf("lead_no", "a", "b")), "lead_no");
  EXPECT_EQ(FieldOf(CheckLeadOf("lead_id", "a", "b")), "lead_id");
}

}  // namespace
}  // namespace renxin::leads::visits
