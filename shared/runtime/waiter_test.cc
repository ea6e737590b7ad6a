#include "shared/runtime/waiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "shared/runtime/clock.h"

namespace renxin::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Reason = Waiter::Reason;

// Longer than any test waits: what ends a wait earlier is not the poll.
constexpr seconds kNoPoll{600};

TEST(WaiterTest, the_first_wait_ends_at_once_and_a_notification_that_came_before_the_wait_counts_once) {
  Waiter waiter(milliseconds(1));
  std::uint64_t seen = 0;
  EXPECT_EQ(waiter.Wait(&seen), Reason::kNotified);
  waiter.Notify();
  waiter.Notify();
  EXPECT_EQ(waiter.Wait(&seen), Reason::kNotified);
  EXPECT_EQ(waiter.Wait(&seen), Reason::kPoll);
}

TEST(WaiterTest, a_notification_wakes_every_thread) {
  Waiter waiter(kNoPoll);
  const auto wait = [&] {
    std::uint64_t seen = 1;
    return waiter.Wait(&seen);
  };
  auto one = std::async(std::launch::async, wait);
  auto other = std::async(std::launch::async, wait);
  waiter.Notify();
  EXPECT_EQ(one.get(), Reason::kNotified);
  EXPECT_EQ(other.get(), Reason::kNotified);
}

// Two threads that polled each for themselves would come to as many polls in half of the time.
TEST(WaiterTest, one_poll_comes_for_all_threads_that_wait) {
  Waiter waiter(milliseconds(80));
  std::atomic<int> polls{0};
  const auto poll = [&] {
    std::uint64_t seen = 1;
    while (waiter.Wait(&seen) == Reason::kPoll) {
      if (++polls == 8) waiter.Stop();
    }
  };
  const Instant began = Now();
  auto one = std::async(std::launch::async, poll);
  auto other = std::async(std::launch::async, poll);
  one.get();
  other.get();
  EXPECT_GE(Now(), began.Plus(8 * milliseconds(70)));
}

TEST(WaiterTest, it_ends_when_something_is_due_and_not_before) {
  Waiter waiter(kNoPoll);
  std::uint64_t seen = 1;
  const Instant due = Now().Plus(milliseconds(80));
  EXPECT_EQ(waiter.Wait(&seen, due), Reason::kDue);
  EXPECT_GE(Now(), due);
  EXPECT_EQ(waiter.Wait(&seen, Instant{0}), Reason::kDue) << "due long ago";
}

TEST(WaiterTest, it_ends_when_what_it_is_given_has_changed) {
  Waiter waiter(kNoPoll);
  std::uint64_t seen = 1;
  int looks = 0;
  EXPECT_EQ(waiter.Wait(&seen, std::nullopt, [&] { return ++looks == 2; }), Reason::kDue);
}

TEST(WaiterTest, a_stop_ends_a_wait_and_a_pause) {
  Waiter waiter(kNoPoll);
  std::uint64_t seen = 1;
  auto stop = std::async(std::launch::async, [&] { waiter.Stop(); });
  EXPECT_EQ(waiter.Wait(&seen), Reason::kStopped);
  waiter.Pause(kNoPoll);
  EXPECT_TRUE(waiter.stopping());
}

}  // namespace
}  // namespace renxin::runtime
