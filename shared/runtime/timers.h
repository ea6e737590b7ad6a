#pragma once
// Runs the rows of the timers table when they are due: one thread finds them, the lane runs each with
// the deletion of its row in one transaction, so that it acts once. No service has a loop of its own.

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "shared/db/lane.h"
#include "shared/runtime/context.h"

namespace renxin::runtime {

using TimerHandler = std::function<void(Tx&, const TimerContext&)>;

class Timers {
 public:
  Timers(std::map<std::string, TimerHandler> handlers, std::string url, const Environment& env, db::Lanes& lanes,
         std::function<void()> committed);
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  void Notify();
  void Stop();

 private:
  void Loop();
  // True when something was run.
  bool RunDue();
  void RunOne(const std::string& kind, const std::string& key);

  std::map<std::string, TimerHandler> handlers_;
  std::string url_;
  const Environment& env_;
  db::Lanes& lanes_;
  std::function<void()> committed_;
  std::unique_ptr<db::Session> session_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool notified_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace renxin::runtime
