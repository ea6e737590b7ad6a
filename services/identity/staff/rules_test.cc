#include "services/identity/staff/rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "services/identity/sessions/rules.h"

namespace renxin::identity::staff {
namespace {

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
