#include "services/commissions/periods/rules.h"

#include <gtest/gtest.h>

namespace renxin::commissions::periods {
namespace {

Month M(const char* text) { return *ParseMonth(text); }

LockQuestion Sound() {
  return {.period = M("2026-05"),
          .current = M("2026-06"),
          .locked = {M("2026-03"), M("2026-04")},
          .first_month = M("2026-03"),
          .ours = {{"2026-05-01", 2, 100, 2}},
          .theirs = {{"2026-05-01", 2, 100, 2}}};
}

TEST(Periods, C13_locks_when_everything_agrees) { EXPECT_TRUE(MayLock(Sound())); }

TEST(Periods, C13_a_second_lock_is_refused) {
  LockQuestion q = Sound();
  q.period = M("2026-04");
  const auto refused = MayLock(q);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kPeriodLocked);
  EXPECT_EQ(refused.error().message, "C13: the period 2026-04 is locked already");
}

struct NotReady {
  const char* name;
  void (*spoil)(LockQuestion&);
  const char* field;
  const char* message;
};

TEST(Periods, C13_is_refused_with_the_list_of_what_stands_in_the_way) {
  const std::vector<NotReady> cases{
      {"fen differ", [](LockQuestion& q) { q.ours[0].net = 99; }, "2026-05-01",
       "leads: 2 settlements, 1.00, versions 2; here: 2 settlements, 0.99, versions 2"},
      {"a version is missing", [](LockQuestion& q) { q.theirs[0].versions = 3; }, "2026-05-01",
       "leads: 2 settlements, 1.00, versions 3; here: 2 settlements, 1.00, versions 2"},
      {"a day is missing",
       [](LockQuestion& q) {
         q.theirs.push_back({"2026-05-09", 1, 1, 1});
       },
       "2026-05-09", "leads: 1 settlements, 0.01, versions 1; here: 0 settlements, 0.00, versions 0"},
      {"under way", [](LockQuestion& q) { q.under_way = 3; }, "leads", "3 imports or waiting rows are under way"},
      {"dead letters", [](LockQuestion& q) { q.dead_letters = 1; }, "commissions", "1 dead letters are open"},
      {"not over", [](LockQuestion& q) { q.current = M("2026-05"); }, "period", "the period is not over"},
      {"an earlier one is open", [](LockQuestion& q) { q.locked.pop_back(); }, "period",
       "2026-04 is still open; periods are locked in their order"},
  };
  for (const NotReady& c : cases) {
    LockQuestion q = Sound();
    c.spoil(q);
    const auto refused = MayLock(q);
    ASSERT_FALSE(refused) << c.name;
    EXPECT_EQ(refused.error().reason, Reason::kPeriodNotReady) << c.name;
    ASSERT_EQ(refused.error().fields.size(), 1U) << c.name;
    EXPECT_EQ(refused.error().fields[0].field, c.field) << c.name;
    EXPECT_EQ(refused.error().fields[0].message, c.message) << c.name;
  }
}

}  // namespace
}  // namespace renxin::commissions::periods
