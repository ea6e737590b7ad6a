#pragma once
// Works on operations: a few threads that claim what is due, run a slice of it, and give it back, so that a long one does not keep the
// others waiting. Nothing is written but through Run::Commit, which holds the lease; whoever lost it writes nothing any more.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "shared/db/lane.h"
#include "shared/operations/operation.h"
#include "shared/runtime/loop.h"
#include "shared/runtime/waiter.h"

namespace renxin::operations {

// Thrown by Run::Commit when the work must end here: the lease is somebody else's, the operation was cancelled or has ended, or the
// process stops. A type lets it pass.
struct Interrupted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Thrown by a type when what it needs does not answer: tried again as any failure, and the reason in the end.
struct TryLater : std::runtime_error {
  explicit TryLater(Error why) : std::runtime_error(why.message), error(std::move(why)) {}
  Error error;
};

// One slice of work on one operation, in no transaction.
class Run {
 public:
  virtual ~Run() = default;
  // As it was at the last commit.
  virtual const Operation& operation() const = 0;
  virtual const Environment& env() const = 0;
  virtual runtime::ServiceClient& client() = 0;
  // One transaction: what `step` writes, and what it makes of the operation (checkpoint, progress, Finish or Fail), stand together or not
  // at all; `step` may be run again. Renews the lease. Throws Interrupted, or DbError.
  virtual void Commit(const std::function<void(Tx&, Operation&, Instant now)>& step) = 0;
  // One snapshot on a connection of its own; commits may go on meanwhile.
  virtual void ReadSnapshot(const std::function<void(Tx&)>& read) = 0;
};

// What a kind of operation is.
struct Type {
  std::string name;
  // May see and cancel those of this type.
  std::vector<std::string> roles;
  // Does a slice: one commit or several. Called again until the operation has ended. Each call moves the checkpoint on, or `done` beyond
  // what it was; one that returns without either is a failed attempt, as one that throws is: tried again later and later, and failed after
  // kAttempts in a row.
  std::function<void(Run&)> run;
  // Takes back, after a failure or a cancel, what must not stay; bounded, called again while it answers true. Null: nothing stays behind.
  std::function<bool(Tx&, const Operation&)> discard{};
  // Adds what the type says beyond the operation itself.
  std::function<void(Tx&, const Operation&, v1::Operation*)> describe{};
};

constexpr int kAttempts = 8;

struct RunnerOptions {
  std::string url;
  // Who holds the leases: the same when this replica is started again.
  std::string owner;
  std::chrono::milliseconds lease{10'000};
  // How long a slice may be without a commit before its lease is renewed no longer and the operation given back.
  std::chrono::milliseconds stall{300'000};
  std::chrono::milliseconds slice{1'000};
  int threads = 2;
};

class Runner final : public runtime::Loop {
 public:
  Runner(std::map<std::string, Type> types, RunnerOptions options, const Environment& env, db::Lanes& lanes,
         runtime::ServiceClient& client);
  ~Runner() override;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  void Notify(db::Concerns concerns) override;
  void Stop() override;

 private:
  friend class Slice;
  struct Held;
  class Renewer;
  void Loop();
  // True when something was worked on; otherwise `next` is when to look again.
  bool RunDue(std::optional<Instant>* next);
  void RunOne(const std::string& id);
  void RunSlice(Operation op, Held& held);
  // Takes back what must not stay, then it has failed or is cancelled.
  void End(Operation op, Held& held);
  // A transaction of its own on the lane of operations.
  void Write(const std::function<void(Tx&)>& run);
  void Failed(const Operation& op, const std::string& lease, const std::exception& error, bool counts);

  std::map<std::string, Type> types_;
  RunnerOptions options_;
  const Environment& env_;
  db::Lanes& lanes_;
  runtime::ServiceClient& client_;
  std::unique_ptr<Renewer> renewer_;
  runtime::Waiter waiter_;
  std::vector<std::thread> threads_;
};

}  // namespace renxin::operations
