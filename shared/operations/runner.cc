#include "shared/operations/runner.h"

#include "renxin/operations/v1/operations.pb.h"
#include "shared/core/crash.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/operations/wake.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/service.h"

namespace renxin::operations {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRunLimit{30'000};
// How often a replica looks for what another one left.
constexpr std::chrono::milliseconds kLookEvery{2'000};
// After a begin its commit may still be under way.
constexpr std::chrono::milliseconds kLookAgain{50};
constexpr std::chrono::milliseconds kLookLonger{1'000};
constexpr std::chrono::seconds kLater{300};

// Later and later, at most every five minutes.
std::chrono::milliseconds Pause(int attempts) {
  return std::min<std::chrono::milliseconds>(kLater, std::chrono::milliseconds(200) * (attempts + 1) * (attempts + 1));
}

}  // namespace

class Slice final : public Run {
 public:
  Slice(Runner& runner, Operation op, std::string lease) : runner_(runner), op_(std::move(op)), lease_(std::move(lease)) {}

  const Operation& operation() const override { return op_; }
  const Environment& env() const override { return runner_.env_; }
  runtime::ServiceClient& client() override { return runner_.client_; }

  void Commit(const std::function<void(Tx&, Operation&, Instant)>& step) override {
    if (runner_.stopping()) throw Interrupted("the service stops");
    Operation after;
    std::string why;
    runner_.Write(op_.id, [&](Tx& tx) {
      why.clear();
      auto op = LoadUnderLease(tx, op_.id, lease_);
      if (!op || op->cancel_requested) {
        why = op ? "cancelled" : "the lease is lost";
        after = op ? std::move(*op) : op_;
        return;
      }
      const Instant now = runtime::Now();
      const std::string before = op->checkpoint;
      step(tx, *op, now);
      // Only what moves on has had success: a step that fails behind one that always succeeds must come to an end.
      if (op->checkpoint != before) op->attempts = 0;
      // It has failed when what must not stay has been taken back.
      if (op->state == State::OPERATION_STATE_FAILED && runner_.types_.at(op->type).discard) op->state = State::OPERATION_STATE_RUNNING;
      Save(tx, *op, now, now.Plus(runner_.options_.lease));
      after = std::move(*op);
      CrashPoint("operation_step");
    });
    op_ = std::move(after);
    if (!why.empty()) throw Interrupted(why);
    runner_.committed_();
  }

  void ReadSnapshot(const std::function<void(Tx&)>& read) override {
    db::Session session(runner_.options_.url);
    Tx tx(session, true);
    read(tx);
    tx.Rollback();
  }

 private:
  Runner& runner_;
  Operation op_;
  std::string lease_;
};

Runner::Runner(std::map<std::string, Type> types, RunnerOptions options, const Environment& env, db::Lanes& lanes,
               runtime::ServiceClient& client, std::function<void()> committed)
    : types_(std::move(types)), options_(std::move(options)), env_(env), lanes_(lanes), client_(client), committed_(std::move(committed)) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Loop(); });
}

Runner::~Runner() { Stop(); }

bool Runner::stopping() {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

void Runner::Notify() {
  if (!Wake::HasRung()) return;
  {
    const std::scoped_lock lock(mutex_);
    look_until_ = Clock::now() + kLookLonger;
  }
  wake_.notify_all();
}

void Runner::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Runner::Loop() {
  for (;;) {
    try {
      while (RunDue()) {
        if (stopping()) return;
      }
    } catch (const std::exception& error) {
      observe::Log(observe::Level::kWarn, "operations failed, will go on", {{"what", error.what()}});
    }
    std::unique_lock lock(mutex_);
    if (stopping_) return;
    const bool again = Clock::now() < look_until_;
    const auto seen = look_until_;
    wake_.wait_for(lock, again ? kLookAgain : kLookEvery, [&] { return stopping_ || look_until_ != seen; });
    if (stopping_) return;
  }
}

bool Runner::RunDue() {
  std::vector<std::string> due;
  client_.Read([&](Tx& tx) { due = Due(tx, runtime::Now(), 16); });
  for (const std::string& id : due) {
    RunOne(id);
    if (stopping()) return false;
  }
  return !due.empty();
}

void Runner::Write(std::string_view id, const std::function<void(Tx&)>& run) {
  lanes_.For(id).Run(kRunLimit, [&](Tx& tx) {
    run(tx);
    return true;
  });
}

void Runner::RunOne(const std::string& id) {
  const std::string lease = options_.owner + "/" + NewId();
  std::optional<Operation> op;
  Write(id, [&](Tx& tx) {
    const Instant now = runtime::Now();
    op = Claim(tx, id, lease, now, now.Plus(options_.lease));
  });
  if (!op) return;
  CrashPoint("operation_claimed");
  try {
    RunSlice(*op, lease);
  } catch (const Interrupted& why) {
    // Cancelled: somebody, this replica soon, takes it again and tidies up. Otherwise it is another's by now.
    Write(id, [&](Tx& tx) { Release(tx, id, lease, op->attempts, runtime::Now()); });
  } catch (const db::DbError& error) {
    const bool counts =
        error.kind() != db::ErrorKind::kLost && error.kind() != db::ErrorKind::kRetry && error.kind() != db::ErrorKind::kFull;
    Failed(*op, lease, error, counts);
  } catch (const std::exception& error) {
    Failed(*op, lease, error, true);
  }
  committed_();
}

void Runner::RunSlice(Operation op, const std::string& lease) {
  const auto type = types_.find(op.type);
  if (type == types_.end() && !op.failure)
    op.failure = Error{Code::kInternal, Reason::kInternal, "this release has no operations of the type " + op.type};
  if (op.cancel_requested || op.failure) return End(std::move(op), lease);
  Slice slice(*this, std::move(op), lease);
  const auto end = Clock::now() + options_.slice;
  const auto open = [&] { return slice.operation().state == State::OPERATION_STATE_RUNNING && !slice.operation().failure; };
  while (open() && Clock::now() < end) type->second.run(slice);
  const Operation& now_is = slice.operation();
  if (now_is.state == State::OPERATION_STATE_RUNNING) {
    Write(now_is.id, [&](Tx& tx) { Release(tx, now_is.id, lease, 0, runtime::Now()); });
  } else if (now_is.state == State::OPERATION_STATE_DONE) {
    observe::Count("renxin_operations_ended_total", {{"type", now_is.type}, {"how", "done"}});
  }
}

void Runner::End(Operation op, const std::string& lease) {
  const auto type = types_.find(op.type);
  bool more = type != types_.end() && type->second.discard != nullptr;
  while (more) {
    if (stopping()) throw Interrupted("the service stops");
    Write(op.id, [&](Tx& tx) {
      const Instant now = runtime::Now();
      more = LoadUnderLease(tx, op.id, lease).has_value();
      if (!more) return;
      more = type->second.discard(tx, op);
      Save(tx, op, now, now.Plus(options_.lease));
    });
  }
  op.state = op.failure ? State::OPERATION_STATE_FAILED : State::OPERATION_STATE_CANCELLED;
  Write(op.id, [&](Tx& tx) {
    const Instant now = runtime::Now();
    if (LoadUnderLease(tx, op.id, lease)) Save(tx, op, now, now);
  });
  observe::Count("renxin_operations_ended_total", {{"type", op.type}, {"how", op.failure ? "failed" : "cancelled"}});
}

void Runner::Failed(const Operation& op, const std::string& lease, const std::exception& error, bool counts) {
  observe::Count("renxin_operation_failures_total", {{"type", op.type}});
  observe::Log(observe::Level::kError, "operation failed", {{"id", op.id}, {"type", op.type}, {"what", error.what()}});
  Write(op.id, [&](Tx& tx) {
    const Instant now = runtime::Now();
    auto held = LoadUnderLease(tx, op.id, lease);
    if (!held) return;
    const int attempts = held->attempts + (counts ? 1 : 0);
    if (attempts < kAttempts) return Release(tx, op.id, lease, attempts, now.Plus(Pause(attempts)));
    const auto* later = dynamic_cast<const TryLater*>(&error);
    held->failure = later != nullptr ? later->error
                                     : Error{Code::kInternal, Reason::kInternal,
                                             "internal error, " + std::to_string(attempts) + " times in a row; see the log"};
    held->attempts = attempts;
    Save(tx, *held, now, now);
    Release(tx, op.id, lease, attempts, now);
  });
}

}  // namespace renxin::operations
