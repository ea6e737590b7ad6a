#include "services/leads/courses/rules.h"

#include <gtest/gtest.h>

namespace renxin::leads::courses {
namespace {

const Instant kNow = *ParseTime("2026-05-10T10:00:00+08:00");
const Instant kEarlier = *ParseTime("2026-05-02T09:00:00+08:00");

TEST(Courses, L7_a_course_closes_once_and_never_ahead_of_time) {
  struct Case {
    const char* name;
    std::optional<Instant> closed;
    std::optional<Instant> requested;
    std::optional<Instant> expected;
  };
  for (const Case& c : std::vector<Case>{{"now", {}, {}, kNow},
                                         {"earlier", {}, kEarlier, kEarlier},
                                         {"at this moment", {}, kNow, kNow},
                                         {"two minutes ahead", {}, kNow.Plus(std::chrono::minutes(2)), {}},
                                         {"before 1990", {}, Instant{5}, {}},
                                         {"twice", Instant{5}, {}, {}}}) {
    const Result<Instant> closed = Close(c.closed, c.requested, kNow);
    ASSERT_EQ(static_cast<bool>(closed), c.expected.has_value()) << c.name;
    if (closed) {
      EXPECT_EQ(closed->micros, c.expected->micros) << c.name;
    }
  }
}

TEST(Courses, L7_only_a_closed_course_is_opened_again) {
  EXPECT_TRUE(Reopen(Instant{5}));
  EXPECT_FALSE(Reopen({}));
}

}  // namespace
}  // namespace renxin::leads::courses
