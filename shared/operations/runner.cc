#include "shared/operations/runner.h"

#include "renxin/operations/v1/operations.pb.h"
#include "shared/core/crash.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/service.h"

namespace renxin::operations {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRunLimit{30'000};
// When something is due is known; this is for what no notification came of.
constexpr std::chrono::seconds kPollEvery{10};
constexpr std::chrono::milliseconds kPause{2'000};
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
    if (runner_.waiter_.stopping()) throw Interrupted("the service stops");
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
               runtime::ServiceClient& client)
    : types_(std::move(types)), options_(std::move(options)), env_(env), lanes_(lanes), client_(client), waiter_(kPollEvery) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Loop(); });
}

Runner::~Runner() { Stop(); }

void Runner::Notify(db::Concerns concerns) {
  if (concerns.Has(db::Concern::kOperations)) waiter_.Notify();
}

void Runner::Stop() {
  waiter_.Stop();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Runner::Loop() {
  std::uint64_t seen = 0;
  std::optional<Instant> next;
  while (waiter_.Wait(&seen, next) != runtime::Waiter::Reason::kStopped) {
    try {
      while (RunDue(&next)) {
        if (waiter_.stopping()) return;
      }
    } catch (const std::exception& error) {
      observe::Log(observe::Level::kWarn, "operations failed, will go on", {{"what", error.what()}});
      next = runtime::Now().Plus(kPause);
    }
  }
}

bool Runner::RunDue(std::optional<Instant>* next) {
  DueOperations found;
  client_.ReadStatement([&](Tx& tx) { found = Due(tx, runtime::Now(), 16); });
  *next = found.next;
  for (const std::string& id : found.ids) {
    RunOne(id);
    if (waiter_.stopping()) return false;
  }
  return !found.ids.empty();
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
    if (waiter_.stopping()) throw Interrupted("the service stops");
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
