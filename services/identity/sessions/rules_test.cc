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

}  // namespace
}  // namespace renxin::identity::sessions
