#pragma once
// Runs the rows of the timers table when they are due: one thread finds them, the lane runs each with
// the deletion of its row in one transaction, so that it acts once. No service has a loop of its own.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "shared/db/lane.h"
#include "shared/runtime/context.h"
#include "shared/runtime/waiter.h"

namespace renxin::runtime {

using TimerHandler = std::function<void(Tx&, const TimerContext&)>;

// Rows of `timers` of some kinds: those that are due, the longest due first, and when the next of the others will be.
struct DueTimers {
  std::vector<std::pair<std::string, std::string>> due;  // kind, key
  std::optional<Instant> next;
};
DueTimers FindDueTimers(db::Session& session, const std::vector<std::string>& kinds, Instant now);

// When to look again at what is due and held by another replica, or after a failure.
constexpr std::chrono::milliseconds kTimersPause{250};
// What another replica scheduled, or left when it died, is found by a poll; what this process schedules wakes it.
constexpr std::chrono::seconds kTimersPollEvery{10};

class Timers {
 public:
  Timers(std::map<std::string, TimerHandler> handlers, std::string url, const Environment& env, db::Lanes& lanes);
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  // A timer was scheduled.
  void Notify() { waiter_.Notify(); }
  void Stop();

 private:
  void Loop();
  // True when something was run; otherwise `next` is when to look again.
  bool RunDue(std::optional<Instant>* next);
  // False when another replica has it.
  bool RunOne(const std::string& kind, const std::string& key);

  std::map<std::string, TimerHandler> handlers_;
  std::string url_;
  const Environment& env_;
  db::Lanes& lanes_;
  std::vector<std::string> kinds_;
  std::unique_ptr<db::Session> session_;
  Waiter waiter_{kTimersPollEvery};
  std::thread thread_;
};

}  // namespace renxin::runtime
