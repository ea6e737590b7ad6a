#pragma once
// Runs the rows of the timers table when they are due: each with the deletion of its row in one transaction, so that it acts once. No
// service has a loop of its own.

#include <functional>
#include <map>
#include <string>

#include "shared/db/lane.h"
#include "shared/runtime/context.h"
#include "shared/runtime/due_loop.h"

namespace renxin::runtime {

using TimerHandler = std::function<void(Tx&, const TimerContext&)>;

// Which lane it runs on: whichever has least to do, or that of operations, whose rows it writes: the two do not wait for each other then.
enum class TimerLane : std::uint8_t { kLeastBusy, kOperations };
struct TimerKind {
  TimerHandler run;
  TimerLane lane = TimerLane::kLeastBusy;
};

// In a row; then it is given up. Some eight hours.
constexpr int kTimerAttempts = 100;

class Timers {
 public:
  Timers(std::map<std::string, TimerKind> kinds, std::string url, const Environment& env, db::Lanes& lanes, int attempts = kTimerAttempts);
  // A timer was scheduled.
  void Notify() { loop_.Notify(); }
  void Stop() { loop_.Stop(); }

 private:
  // False when another replica has it.
  bool RunOne(const std::string& kind, const std::string& key);

  std::map<std::string, TimerKind> kinds_;
  const Environment& env_;
  db::Lanes& lanes_;
  int attempts_;
  DueLoop loop_;
};

}  // namespace renxin::runtime
