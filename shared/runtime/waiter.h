#pragma once
// What a loop waits on between two looks into its table: a commit that has work for it, the time at which something is due, and behind
// them a slow poll, which finds what a process left that died.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <random>

#include "shared/core/time.h"

namespace renxin::runtime {

class Waiter {
 public:
  enum class Reason : std::uint8_t { kNotified, kDue, kPoll, kStopped };

  // A poll comes after seven eighths to the whole of `poll_every`: replicas that were started together look at different times. One comes
  // for all threads that wait.
  explicit Waiter(std::chrono::milliseconds poll_every) : poll_every_(poll_every) {}

  // There may be work. Wakes every thread that waits, and counts for those that do not wait now.
  void Notify();
  void Stop();
  bool stopping() const;

  // Before and after it the caller looks. `seen` is the thread's own, 0 at first: the first wait ends at once. `due` is by the wall clock,
  // which may be set; it is looked at, as `changed` is, four times a second without asking anybody.
  Reason Wait(std::uint64_t* seen, std::optional<Instant> due = std::nullopt, const std::function<bool()>& changed = nullptr);
  // Nothing but a stop ends it early: what is notified meanwhile is found by the next Wait.
  void Pause(std::chrono::milliseconds pause);

 private:
  void PostponePoll();

  std::chrono::milliseconds poll_every_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable stop_;
  std::uint64_t notified_ = 1;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point poll_at_{};
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace renxin::runtime
