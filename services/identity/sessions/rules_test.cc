#include "services/identity/sessions/rules.h"

#include <gtest/gtest.h>

namespace renxin::identity::sessions {
namespace {

TEST(Sessions, P1_wrong_passwords_make_wait_and_never_lock_for_good) {
  struct Case {
    std::int64_t failures;
    std::int64_t seconds;
  };
  for (const Case& c : std::vector<Case>{{0, 0}, {4, 0}, {5, 1}, {6, 2}, {7, 4}, {12, 128}, {13, 256}, {14, 300}, {1'000'000, 300}}) {
    EXPECT_EQ(Pause(c.failures).count(), c.seconds) << c.failures;
  }
}

constexpr std::int64_t kHour = std::int64_t{3'600} * 1'000'000;
constexpr std::int64_t kDay = 24 * kHour;

TEST(Sessions, P1_a_refresh_token_serves_once_and_not_for_ever) {
  struct Case {
    const char* what;
    std::int64_t started;
    std::int64_t used;
    std::optional<Instant> ended;
    bool token_used;
    std::int64_t now;
    Verdict verdict;
  };
  const std::vector<Case> cases{
      {"at once", 0, 0, {}, false, 0, Verdict::kRotate},
      {"a microsecond before twelve idle hours", 0, 0, {}, false, 12 * kHour - 1, Verdict::kRotate},
      {"twelve idle hours", 0, 0, {}, false, 12 * kHour, Verdict::kEnded},
      {"a microsecond after them", 0, 0, {}, false, 12 * kHour + 1, Verdict::kEnded},
      {"idle is counted from the last refresh", 0, 5 * kHour, {}, false, 17 * kHour - 1, Verdict::kRotate},
      {"idle from the last refresh, over", 0, 5 * kHour, {}, false, 17 * kHour, Verdict::kEnded},
      {"a microsecond before thirty days", 0, 30 * kDay - kHour, {}, false, 30 * kDay - 1, Verdict::kRotate},
      {"thirty days", 0, 30 * kDay - kHour, {}, false, 30 * kDay, Verdict::kEnded},
      {"a microsecond after them", 0, 30 * kDay - 1, {}, false, 30 * kDay + 1, Verdict::kEnded},
      {"over 29 February",
       1'709'000'000'000'000,
       1'709'000'000'000'000 + 30 * kDay - 1,
       {},
       false,
       1'709'000'000'000'000 + 30 * kDay - 1,
       Verdict::kRotate},
      {"a clock that went back", 10, 10, {}, false, 9, Verdict::kRotate},
      {"ended", 0, 0, Instant{5}, false, 6, Verdict::kEnded},
      {"ended in the same microsecond", 0, 0, Instant{5}, false, 5, Verdict::kEnded},
      {"used", 0, 0, {}, true, 0, Verdict::kReused},
      {"used, of a session that has ended", 0, 0, Instant{5}, true, 6, Verdict::kReused},
      {"used, long ago", 0, 0, {}, true, 31 * kDay, Verdict::kReused},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(JudgeRefresh({.started_at = {c.started}, .used_at = {c.used}, .ended_at = c.ended}, c.token_used, {c.now}), c.verdict)
        << c.what;
  }
}

TEST(Sessions, P1_how_long_a_token_that_is_given_out_now_can_be_used) {
  struct Case {
    std::int64_t started;
    std::int64_t now;
    std::int64_t until;
  };
  for (const Case& c : std::vector<Case>{{0, 0, 12 * kHour},
                                         {0, 30 * kDay - 12 * kHour - 1, 30 * kDay - 1},
                                         {0, 30 * kDay - 12 * kHour, 30 * kDay},
                                         {0, 30 * kDay - 12 * kHour + 1, 30 * kDay},
                                         {7, 30 * kDay - 1, 30 * kDay + 7}}) {
    EXPECT_EQ(RefreshableUntil({c.started}, {c.now}).micros, c.until) << c.now;
  }
}

}  // namespace
}  // namespace renxin::identity::sessions
