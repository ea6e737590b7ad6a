#pragma once
// A lane is one connection and one thread. The jobs that wait declare what they will look up and lock, which is fetched for all of them at
// once; then they run one after the other in one transaction with one COMMIT; their callers are answered after it. A job sees only its Tx,
// may be run again, never waits, and cannot know with whom it shares the commit.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "shared/db/checkpointer.h"
#include "shared/db/session.h"
#include "shared/db/tx.h"

namespace renxin::db {

struct Job {
  Reads reads = Reads::kSnapshot;  // of Readers
  // Declares what `run` will look up and lock (lookup.h); may be null. Reads at most, and need not foresee everything.
  std::function<void(Tx&)> declare;
  // Returns false when it refuses: nothing it wrote may stand. Throws when the database does.
  std::function<bool(Tx&)> run;
  // Called once, after COMMIT (null) or when it failed for good. Must not block.
  std::function<void(std::exception_ptr)> done;
  // Past it the job is not begun any more; `done` gets DbError{kRetry}.
  std::chrono::steady_clock::time_point deadline;
};

// Called on the thread that answers, after the callers of a group, or one, have been called: what their answers left to send goes out.
// `more`: others wait for this thread already. May be null; must not block.
using Answered = std::function<void(bool more)>;

struct LaneOptions {
  std::string url;
  std::string name;
  std::size_t queue_max = 2'048;
  std::size_t batch_max = 64;
  // Called after a COMMIT that has work for somebody, on the lane's thread; may be null. Must not block.
  std::function<void(Concerns)> committed = nullptr;
  Answered answered = nullptr;
  Plans plans = Plans::kChosen;
};

// How long what nobody waits for (a timer, a job) may take for its turn and its transaction together.
inline constexpr std::chrono::milliseconds kBackgroundLimit{30'000};

class Lane {
 public:
  explicit Lane(LaneOptions options);
  // Runs what is queued, then ends.
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // False when the queue is full or the lane is stopping: answer 503.
  [[nodiscard]] bool Submit(Job job);
  // Submits and waits until it has been committed; throws what `done` would have got, or
  // DbError{kRetry} when the queue is full.
  void Run(std::chrono::milliseconds timeout, std::function<bool(Tx&)> run);

  std::size_t waiting() const;
  // Jobs that wait or are being run.
  std::size_t load() const { return waiting() + running_; }
  bool healthy() const { return healthy_; }

 private:
  void Loop();
  // False when the jobs of the group must be run one by one.
  bool RunGroup(std::vector<Job>& jobs);
  void RunAlone(Job& job);
  void Probe();
  void Wake(Concerns concerns) const;
  void CallAnswered() const;
  Session& Ready();

  LaneOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::atomic<std::size_t> running_{0};
  std::atomic<bool> healthy_{true};
  std::unique_ptr<Checkpointer> checkpointer_;  // SQLite
  std::unique_ptr<Session> session_;
  std::thread thread_;
};

// The lanes of a service. On SQLite there is one (one writer a file). On PostgreSQL one of three, at least one, takes what somebody waits
// for and the others what goes on in the background, so that an import holds up nobody; few, because the statements of a group cost
// nearly the same however many commands share them. Jobs with the same key go to the same lane, so that equal requests meet.
class Lanes {
 public:
  Lanes(const std::string& url, const std::string& name, std::size_t count_on_postgres,
        const std::function<void(Concerns)>& committed = nullptr, const Answered& answered = nullptr);
  Lane& ForRequest(std::string_view key);
  Lane& For(std::string_view key);
  Lane& Any() { return For(""); }
  // Slices of operations, and timers whose rows are theirs: within a process one after the other.
  Lane& ForOperations() { return Any(); }
  // That of the background which has least to do now.
  Lane& LeastBusy();
  bool healthy() const;
  std::size_t waiting() const;

 private:
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::size_t for_requests_ = 1;  // the first ones; a single lane is for both
};

// Connections for reading, each with its thread, sharing one bounded queue.
class Readers {
 public:
  Readers(std::string url, std::size_t count, std::size_t queue_max, Answered answered = nullptr);
  ~Readers();
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  [[nodiscard]] bool Submit(Job job);
  // Submits and waits; throws as Lane::Run does.
  void Run(std::chrono::milliseconds timeout, std::function<void(Tx&)> run, Reads reads = Reads::kSnapshot);

 private:
  void Loop();
  void RunOne(std::unique_ptr<Session>* session, Job* job);
  void CallAnswered();
  std::string url_;
  std::size_t queue_max_;
  Answered answered_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace renxin::db
