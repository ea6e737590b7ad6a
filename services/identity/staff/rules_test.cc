#include "services/identity/staff/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "services/identity/sessions/rules.h"

namespace renxin::identity::staff {
namespace {

// The field of a refusal; empty: taken.
template <class T>
std::string FieldOf(const Result<T>& checked) {
  return checked ? std::string() : checked.error().fields.front().field;
}

TEST(Staff, G7_G8_an_entry_is_checked_alike_on_every_entry_path) {
  const Day today = MakeDay(2026, 5, 10);
  const StaffEntry sound{"R1", "周敏", "rep", "2026-05-01", "", {"2026-05-01", "market", "G1", "S1", "plan-a"}};
  struct Case {
    const char* name;
    std::function<void(StaffEntry&)> change;
    const char* field;
  };
  const std::vector<Case> cases{
      {"as it is", [](StaffEntry&) {}, ""},
      {"joins in 366 days", [](StaffEntry& e) { e.joined_on = "2027-05-11"; }, ""},
      {"joins a day after that", [](StaffEntry& e) { e.joined_on = "2027-05-12"; }, "joined_on"},
      {"joins on a day that is none", [](StaffEntry& e) { e.joined_on = "2026-02-29"; }, "joined_on"},
      {"leaves the day they joined", [](StaffEntry& e) { e.left_on = "2026-05-01"; }, ""},
      {"leaves a day before", [](StaffEntry& e) { e.left_on = "2026-04-30"; }, "left_on"},
      {"leaves in 2062", [](StaffEntry& e) { e.left_on = "2062-01-01"; }, "left_on"},
      {"has a name that shows nothing", [](StaffEntry& e) { e.name = "\xE2\x80\x8B"; }, "name"},
      {"has a masked name", [](StaffEntry& e) { e.name = "周*"; }, "name"},
      {"has no such job", [](StaffEntry& e) { e.job = "wizard"; }, "job"},
      {"has a department that is too long", [](StaffEntry& e) { e.first.department = std::string(61, 'x'); }, "department"},
  };
  for (const Case& c : cases) {
    StaffEntry entry = sound;
    c.change(entry);
    EXPECT_EQ(FieldOf(CheckStaff(entry, {"rep", "supervisor"}, today)), c.field) << c.name;
  }
}

TEST(Moves, G7_C19_a_move_is_after_joining_and_at_most_a_year_ahead) {
  const Day today = MakeDay(2026, 5, 10);
  for (const auto& [from, joined, field] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"2026-05-01", "2026-05-01", ""},
           {"2026-04-30", "2026-05-01", "from"},
           {"2027-05-11", "2026-05-01", ""},
           {"2027-05-12", "2026-05-01", "from"},
           {"2026-04-30", "", ""},
           {"tomorrow", "2026-05-01", "from"},
       }) {
    EXPECT_EQ(FieldOf(CheckMove({from, "dental", "", "", ""}, joined, today)), field) << from;
  }
}

TEST(Moves, what_is_empty_stays_as_before_in_any_order) {
  const Period joined{"2010-01-01", "market", "G1", "R9", "plan-a"};
  std::vector<Period> moves{{"2011-03-01", "", "", "", "plan-b"}, {"2010-06-01", "", "G2", "", ""}, {"2012-01-01", "dental", "", "R1", ""}};
  std::sort(moves.begin(), moves.end(), [](const Period& a, const Period& b) { return a.from < b.from; });
  do {
    const std::vector<Period> periods = Fold(joined, moves);
    ASSERT_EQ(periods.size(), 4U);
    EXPECT_EQ(periods[1].group_no, "G2");
    EXPECT_EQ(periods[1].plan, "plan-a");
    EXPECT_EQ(periods[2].plan, "plan-b");
    EXPECT_EQ(periods[3].department, "dental");
    EXPECT_EQ(periods[3].group_no, "G2");
    EXPECT_EQ(periods[3].plan, "plan-b");
  } while (std::next_permutation(moves.begin(), moves.end(), [](const Period& a, const Period& b) { return a.from < b.from; }));
}

TEST(Moves, one_on_the_day_of_joining_replaces_the_first_period) {
  const std::vector<Period> periods = Fold({"2010-01-01", "market", "", "", "plan-a"}, {{"2010-01-01", "", "", "", "plan-b"}});
  ASSERT_EQ(periods.size(), 1U);
  EXPECT_EQ(periods[0].plan, "plan-b");
  EXPECT_EQ(periods[0].department, "market");
}

TEST(Sessions, wrong_passwords_make_one_wait_longer_but_never_for_good) {
  using sessions::Pause;
  EXPECT_EQ(Pause(4).count(), 0);
  EXPECT_EQ(Pause(5).count(), 1);
  EXPECT_EQ(Pause(6).count(), 2);
  EXPECT_EQ(Pause(13).count(), 256);
  EXPECT_EQ(Pause(14).count(), 300);
  EXPECT_EQ(Pause(1'000'000).count(), 300);
}

}  // namespace
}  // namespace renxin::identity::staff
