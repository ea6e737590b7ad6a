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
}

bool Waiter::stopping() const {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

Waiter::Reason Waiter::Wait(std::uint64_t* seen, std::optional<Instant> due, const std::function<bool()>& changed) {
  std::unique_lock lock(mutex_);
  const auto quarter = poll_every_ / 4;
  const auto poll = Clock::now() + 3 * quarter + std::chrono::milliseconds(random_() % (quarter.count() + 1));
  for (;;) {
    if (stopping_) return Reason::kStopped;
    if (notified_ != *seen) {
      *seen = notified_;
      return Reason::kNotified;
    }
    const std::int64_t left = due ? due->micros - Now().micros : kLookAtClock / std::chrono::microseconds(1);
    if (left <= 0 || (changed && changed())) return Reason::kDue;
    const auto now = Clock::now();
    if (now >= poll) return Reason::kPoll;
    wake_.wait_until(lock, std::min({poll, now + kLookAtClock, now + std::chrono::microseconds(left)}));
  }
}

void Waiter::Pause(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, pause, [this] { return stopping_; });
}

}  // namespace renxin::runtime
