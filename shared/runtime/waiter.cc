#include "shared/runtime/waiter.h"

#include <algorithm>

#include "shared/runtime/clock.h"

namespace renxin::runtime {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLookAtClock{250};

}  // namespace

void Waiter::Notify() {
  {
    const std::scoped_lock lock(mutex_);
    ++notified_;
  }
  wake_.notify_all();
}

void Waiter::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  stop_.notify_all();
}

bool Waiter::stopping() const {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

void Waiter::PostponePoll() {
  const auto eighth = poll_every_ / 8;
  poll_at_ = Clock::now() + 7 * eighth + std::chrono::milliseconds(random_() % static_cast<std::uint64_t>(eighth.count() + 1));
}

Waiter::Reason Waiter::Wait(std::uint64_t* seen, std::optional<Instant> due, const std::function<bool()>& changed) {
  std::unique_lock lock(mutex_);
  PostponePoll();
  for (;;) {
    if (stopping_) return Reason::kStopped;
    std::optional<Reason> reason;
    const auto left = std::chrono::microseconds(due ? due->micros - Now().micros : 1);
    if (notified_ != *seen) {
      *seen = notified_;
      reason = Reason::kNotified;
    } else if (left.count() <= 0 || (changed && changed())) {
      reason = Reason::kDue;
    } else if (Clock::now() >= poll_at_) {
      reason = Reason::kPoll;
    }
    if (reason) {
      PostponePoll();
      return *reason;
    }
    const auto look = Clock::now() + (due ? std::min<std::chrono::microseconds>(left, kLookAtClock) : kLookAtClock);
    wake_.wait_until(lock, due || changed ? std::min<Clock::time_point>(poll_at_, look) : poll_at_);
  }
}

void Waiter::Pause(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  stop_.wait_for(lock, pause, [this] { return stopping_; });
}

}  // namespace renxin::runtime
