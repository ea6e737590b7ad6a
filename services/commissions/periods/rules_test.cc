#include "services/commissions/periods/rules.h"

#include <gtest/gtest.h>

#include "shared/testing/days.h"

namespace renxin::commissions::periods {
namespace {

LockQuestion Sound() {
  return {.period = M("2026-05"),
          .current = M("2026-06"),
          .locked = {M("2026-03"), M("2026-04")},
          .first_period = M("2026-03"),
          .earlier = {{"2026-04", 1, 100}},
          .ours = {{"2026-05-01", 2, 100, 2}},
          .theirs = {{"2026-05-01", 2, 100, 2}},
          .totals = {{"referrals", "recognitions", "here", {3, 4}, {3, 4}}, {"identity", "staff", "here", {2, 5}, {2, 5}}},
          .services = {{"leads"}, {"referrals"}, {"identity"}, {"commissions"}}};
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
      {"under way", [](LockQuestion& q) { q.services[0].under_way = 3; }, "leads", "3 imports or waiting rows are under way"},
      {"under way at referrals", [](LockQuestion& q) { q.services[1].under_way = 1; }, "referrals",
       "1 imports or waiting rows are under way"},
      {"under way at identity", [](LockQuestion& q) { q.services[2].under_way = 1; }, "identity",
       "1 imports or waiting rows are under way"},
      {"dead letters", [](LockQuestion& q) { q.services[3].dead_letters = 1; }, "commissions", "1 dead-letter entries are open"},
      {"dead letters elsewhere", [](LockQuestion& q) { q.services[1].dead_letters = 2; }, "referrals", "2 dead-letter entries are open"},
      {"a recognition is not here yet", [](LockQuestion& q) { q.totals[0].ours.count = 2; }, "referrals",
       "referrals: 3 recognitions, versions 4; here: 2 recognitions, versions 4"},
      {"a move is not here yet", [](LockQuestion& q) { q.totals[1].ours.versions = 4; }, "identity",
       "identity: 2 staff, versions 5; here: 2 staff, versions 4"},
      {"not over", [](LockQuestion& q) { q.current = M("2026-05"); }, "period", "the period is not over"},
      {"an earlier one is open", [](LockQuestion& q) { q.locked.pop_back(); }, "period",
       "2026-04 is still open; periods are locked in their order"},
      {"history", [](LockQuestion& q) { q.period = M("2026-02"); }, "period", "lies before the first period 2026-03: history, never paid"},
      {"the first period is open",
       [](LockQuestion& q) {
         q.locked.clear();
         q.first_period = M("2026-04");
       },
       "period", "2026-04 is still open; periods are locked in their order"},
      {"no first period, and earlier facts",
       [](LockQuestion& q) {
         q.locked.clear();
         q.first_period.reset();
       },
       "2026-04", "1 settlements, 1.00: lock it first, or set the first period, and what is earlier is history"},
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

TEST(Periods, C13_the_first_lock_needs_a_first_period_only_where_earlier_months_hold_facts) {
  LockQuestion q = Sound();
  q.locked.clear();
  q.first_period.reset();
  q.earlier.clear();
  EXPECT_TRUE(MayLock(q));
  q.earlier = {{"2026-04", 1, 100}};
  EXPECT_FALSE(MayLock(q));
  q.first_period = q.period;
  EXPECT_TRUE(MayLock(q));
}

TEST(Periods, C13_G7_a_month_lies_between_1990_and_now) {
  for (const auto& [month, message] : std::vector<std::pair<const char*, const char*>>{
           {"1990-01", ""}, {"1989-12", "lies before 1990"}, {"2026-06", ""}, {"2026-07", "lies ahead; the current month is 2026-06"}}) {
    const Status status = CheckMonth(M(month), M("2026-06"));
    EXPECT_EQ(status ? "" : status.error().fields.front().message, message) << month;
  }
}

TEST(Periods, C13_the_first_period_is_set_until_something_is_locked) {
  EXPECT_TRUE(MaySetFirstPeriod(M("2026-06"), M("2026-06"), {}));
  EXPECT_EQ(MaySetFirstPeriod(M("2026-07"), M("2026-06"), {}).error().reason, Reason::kInvalidField);
  const auto fixed = MaySetFirstPeriod(M("2026-06"), M("2026-06"), {M("2026-03")});
  EXPECT_EQ(fixed.error().reason, Reason::kWrongState);
  EXPECT_EQ(fixed.error().message, "C13: the first period is fixed since 2026-03 was locked");
}

}  // namespace
}  // namespace renxin::commissions::periods
