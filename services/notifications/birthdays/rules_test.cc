#include "services/notifications/birthdays/rules.h"

#include <gtest/gtest.h>

namespace renxin::notifications::birthdays {
namespace {

TEST(Plan, M4_N3_who_is_greeted_and_how) {
  const Policy policy = DefaultPolicy();
  struct Case {
    MemberClass member_class;
    bool dispute;
    bool consent;
    Plan plan;
  };
  const Case cases[] = {
      {MemberClass::kAaa, false, true, {"task", "", ""}},
      {MemberClass::kAa, false, true, {"task", "", ""}},
      {MemberClass::kA, false, true, {"sms", "birthday", ""}},
      {MemberClass::kB, false, true, {"sms", "birthday", ""}},
      {MemberClass::kC, false, true, {"", "", "M4: this class is not greeted"}},
      {MemberClass::kC, true, true, {"", "", "N3: a dispute is open"}},
      {MemberClass::kJ, false, true, {"", "", "N3: class J"}},
      {MemberClass::kAaa, true, true, {"", "", "N3: a dispute is open"}},
      {MemberClass::kAaa, false, false, {"", "", "P2: no consent to marketing"}},
      {MemberClass::kB, false, false, {"", "", "P2: no consent to marketing"}},
      {MemberClass::kNone, false, true, {"", "", "M4: this class is not greeted"}},
  };
  for (const Case& one : cases) {
    const Member member{one.member_class, one.dispute};
    EXPECT_EQ(PlanFor(&member, one.consent, policy), one.plan) << static_cast<int>(one.member_class);
  }
  EXPECT_EQ(PlanFor(nullptr, true, policy), (Plan{"", "", "not a member"}));
}

TEST(NextRun, N2_every_day_at_nine_and_what_was_missed) {
  const Zone zone("Asia/Shanghai");
  const Policy policy;
  struct Case {
    const char* what;
    std::optional<Day> last;
    const char* now;
    std::optional<Day> run;
    const char* look_again;
  };
  const Day d15 = MakeDay(2026, 2, 15);
  const Day d16 = MakeDay(2026, 2, 16);
  const Case cases[] = {
      {"a new hospital before nine", {}, "2026-02-16T08:59:59+08:00", {}, "2026-02-16T01:00:00Z"},
      {"a new hospital at nine", {}, "2026-02-16T09:00:00+08:00", d16, ""},
      {"a second before nine", d15, "2026-02-16T08:59:59+08:00", {}, "2026-02-16T01:00:00Z"},
      {"nine", d15, "2026-02-16T09:00:00+08:00", d16, ""},
      {"down until three", d15, "2026-02-16T15:00:00+08:00", d16, ""},
      {"run already", d16, "2026-02-16T15:00:00+08:00", {}, "2026-02-17T01:00:00Z"},
      {"down for a day: the day before comes first", d15.Plus(-1), "2026-02-16T09:00:00+08:00", d15, ""},
      {"down over midnight, before nine", d15.Plus(-1), "2026-02-16T00:30:00+08:00", d15, ""},
      {"down for a month and a day", d16.Plus(-32), "2026-02-16T09:00:00+08:00", d16.Plus(-31), ""},
      {"down for a year", d16.Plus(-365), "2026-02-16T09:00:00+08:00", d16.Plus(-31), ""},
      {"over the end of February", MakeDay(2026, 2, 28), "2026-03-01T09:00:00+08:00", MakeDay(2026, 3, 1), ""},
  };
  for (const Case& one : cases) {
    const Next next = NextRun(one.last, *ParseTime(one.now), zone, policy);
    EXPECT_EQ(next.run, one.run) << one.what;
    if (!one.run) {
      EXPECT_EQ(FormatTime(next.look_again), one.look_again) << one.what;
    }
  }
}

}  // namespace
}  // namespace renxin::notifications::birthdays
