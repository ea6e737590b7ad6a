#pragma once
// Finds the rows of the timers table that are due and hands them to a few threads for each kind, so that no kind waits for another one's
// rows, however many there are or however long one takes.

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "shared/db/session.h"
#include "shared/runtime/waiter.h"

namespace renxin::runtime {

// When to look again after a failure.
constexpr std::chrono::milliseconds kTimersPause{250};
// What another replica scheduled, or left when it died, is found by a poll; what this process schedules wakes it.
constexpr std::chrono::seconds kTimersPollEvery{10};

class DueLoop {
 public:
  struct Kind {
    std::string name;
    int threads = 1;  // how many of its rows are run at a time
  };
  // Runs one row; false when it was somebody else's or is not due any more. What it throws is logged.
  using RunRow = std::function<bool(const std::string& kind, const std::string& key)>;
  // Begins after `delay`.
  DueLoop(std::vector<Kind> kinds, std::string url, RunRow run, std::chrono::milliseconds delay = {});
  ~DueLoop();
  DueLoop(const DueLoop&) = delete;
  DueLoop& operator=(const DueLoop&) = delete;
  // A timer was scheduled.
  void Notify() { waiter_.Notify(); }
  // Waits for the rows that are run now.
  void Stop();

 private:
  struct Pool {
    std::deque<std::string> waiting;  // keys, the longest due first
    std::set<std::string> taken;      // waiting or being run
  };
  void Find(std::chrono::milliseconds delay);
  // Fills the pools; answers when the next row of those that have nothing due will be.
  std::optional<Instant> FindDue();
  // False when all rows of some kind are held by others.
  bool FetchDue(const std::vector<std::string>& kinds, Instant now);
  void Work(const std::string& kind, Pool& pool);
  bool RunOne(const std::string& kind, const std::string& key);

  const std::string url_;
  const RunRow run_;
  std::unique_ptr<db::Session> session_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::map<std::string, Pool> pools_;  // not changed but for what is in them
  Waiter waiter_{kTimersPollEvery};
  std::vector<std::thread> threads_;
};

// How a row failed. `counts`: not for a database or a broker that was away.
struct TimerFailure {
  std::string what;
  bool counts = true;
};
TimerFailure FailureOf(const std::exception& error);
// Postponed by `pause`; given up when it has failed `attempts_max` times in a row: it stays until an operator has it retried, or somebody
// schedules it again.
void RecordTimerFailure(db::Tx& tx, const std::string& kind, const std::string& key, const TimerFailure& failure, int attempts_max,
                        const std::function<std::chrono::milliseconds(int attempts)>& pause);

}  // namespace renxin::runtime
