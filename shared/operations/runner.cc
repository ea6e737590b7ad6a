#include "shared/operations/runner.h"

#include <algorithm>
#include <atomic>
#include <vector>

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

// When something is due is known; this is for what no notification came of.
constexpr std::chrono::seconds kPollEvery{10};
constexpr std::chrono::milliseconds kPause{2'000};
constexpr std::chrono::seconds kLater{300};

// Later and later, at most every five minutes.
std::chrono::milliseconds Pause(int attempts) {
  return std::min<std::chrono::milliseconds>(kLater, std::chrono::milliseconds(200) * (attempts + 1) * (attempts + 1));
}

Error Internal(std::string what) { return {Code::kInternal, Reason::kInternal, std::move(what)}; }

// Under the lease: given back to be tried again later, or failed for good. `why` is the reason in the end; none: only the log has it.
void RecordFailure(Tx& tx, const std::string& id, const std::string& lease, const std::optional<Error>& why, bool counts) {
  const Instant now = runtime::Now();
  auto op = LoadUnderLease(tx, id, lease);
  if (!op) return;
  // When it is due again the other threads and replicas do not know.
  tx.Wake(db::Concern::kOperations);
  const int attempts = op->attempts + (counts ? 1 : 0);
  if (attempts < kAttempts) return Release(tx, id, lease, attempts, now.Plus(Pause(attempts)));
  op->failure = why ? *why : Internal("internal error, " + std::to_string(attempts) + " times in a row; see the log");
  op->attempts = attempts;
  Save(tx, *op, now, now);
  Release(tx, id, lease, attempts, now);
}

}  // namespace

// A claimed operation while this process works on it: what the slice and the renewer both see.
struct Runner::Held {
  Held(std::string the_id, std::string the_type, std::string the_lease)
      : id(std::move(the_id)), type(std::move(the_type)), lease(std::move(the_lease)) {}
  const std::string id;
  const std::string type;
  const std::string lease;
  // Of the last commit; at first of the claim.
  std::atomic<Clock::time_point> moved{Clock::now()};
  // When the lease was renewed last, or that was last tried.
  std::atomic<Clock::time_point> renewed{Clock::now()};
  std::atomic<bool> renewing{false};
  std::atomic<bool> given_back{false};

  void Moved() { renewed = moved = Clock::now(); }
};

// One thread that renews the leases of all slices of this process, at a third of the lease. It waits for no lane: a renewal that cannot run
// keeps no other one waiting.
class Runner::Renewer {
 public:
  Renewer(const RunnerOptions& options, db::Lanes& lanes)
      : lease_(options.lease), stall_(options.stall), lanes_(lanes), thread_([this] { Loop(); }) {}
  ~Renewer() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  Renewer(const Renewer&) = delete;
  Renewer& operator=(const Renewer&) = delete;

  // While it lives, the lease is renewed.
  class Holding {
   public:
    Holding(Renewer& renewer, std::shared_ptr<Held> held) : renewer_(renewer), held_(std::move(held)) { renewer_.Add(held_); }
    ~Holding() { renewer_.Remove(held_); }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;
    Held& held() const { return *held_; }

   private:
    Renewer& renewer_;
    std::shared_ptr<Held> held_;
  };
  bool Holds(const std::string& id) {
    const std::scoped_lock lock(mutex_);
    return std::any_of(held_.begin(), held_.end(), [&](const auto& held) { return held->id == id; });
  }

 private:
  void Add(const std::shared_ptr<Held>& held) {
    {
      const std::scoped_lock lock(mutex_);
      held_.push_back(held);
    }
    wake_.notify_all();
  }
  void Remove(const std::shared_ptr<Held>& held) {
    const std::scoped_lock lock(mutex_);
    std::erase(held_, held);
  }
  void Loop() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const auto now = Clock::now();
      auto next = now + lease_ / 3;
      for (const auto& held : held_) {
        if (held->given_back) continue;
        if (held->renewed.load() + lease_ / 3 <= now) Submit(held);
        next = std::min(next, held->renewed.load() + lease_ / 3);
      }
      if (held_.empty()) {
        wake_.wait(lock, [this] { return stopping_ || !held_.empty(); });
      } else {
        wake_.wait_until(lock, next, [this] { return stopping_; });
      }
    }
  }

  // On the lane of the operation: behind its step where one is under way, whose commit renews as well.
  void Submit(const std::shared_ptr<Held>& held) {
    held->renewed = Clock::now();
    if (held->renewing.exchange(true)) return;
    const auto stalled = std::make_shared<bool>(false);
    db::Job job{.run =
                    [held, stalled, lease = lease_, stall = stall_](Tx& tx) {
                      *stalled = held->moved.load() + stall <= Clock::now();
                      if (*stalled) {
                        RecordFailure(tx, held->id, held->lease, Internal("stalled: nothing was committed for too long"), true);
                      } else {
                        Renew(tx, held->id, held->lease, runtime::Now().Plus(lease));
                      }
                      return true;
                    },
                .done =
                    [held, stalled](const std::exception_ptr& error) {
                      held->renewing = false;
                      if (error || !*stalled) return;
                      held->given_back = true;
                      observe::Count("renxin_operation_failures_total", {{"type", held->type}});
                      observe::Log(observe::Level::kError, "operation stalled and given back", {{"id", held->id}, {"type", held->type}});
                    },
                .deadline = Clock::now() + db::kBackgroundLimit};
    if (!lanes_.ForOperations().Submit(std::move(job))) held->renewing = false;
  }

  const std::chrono::milliseconds lease_;
  const std::chrono::milliseconds stall_;
  db::Lanes& lanes_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Held>> held_;
  bool stopping_ = false;
  std::thread thread_;
};

class Slice final : public Run {
 public:
  Slice(Runner& runner, Operation op, Runner::Held& held) : runner_(runner), op_(std::move(op)), held_(held) {}

  const Operation& operation() const override { return op_; }
  const Environment& env() const override { return runner_.env_; }
  runtime::ServiceClient& client() override { return runner_.client_; }

  void Commit(const std::function<void(Tx&, Operation&, Instant)>& step) override {
    if (runner_.waiter_.stopping()) throw Interrupted("the service stops");
    Operation after;
    std::string why;
    runner_.Write([&](Tx& tx) {
      why.clear();
      auto op = LoadUnderLease(tx, op_.id, held_.lease);
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
    held_.Moved();
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
  Runner::Held& held_;
};

Runner::Runner(std::map<std::string, Type> types, RunnerOptions options, const Environment& env, db::Lanes& lanes,
               runtime::ServiceClient& client)
    : types_(std::move(types)),
      options_(std::move(options)),
      env_(env),
      lanes_(lanes),
      client_(client),
      renewer_(std::make_unique<Renewer>(options_, lanes_)),
      waiter_(kPollEvery) {
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
  // Last: what still runs keeps its lease.
  renewer_.reset();
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
  // One thread looks for all that wait.
  if (found.ids.size() > 1) waiter_.Notify();
  bool worked = false;
  for (const std::string& id : found.ids) {
    // One that stalled was given back, and hangs here still: it is another replica's, and would hang the next thread as well.
    if (renewer_->Holds(id)) continue;
    RunOne(id);
    worked = true;
    if (waiter_.stopping()) return false;
  }
  return worked;
}

void Runner::Write(const std::function<void(Tx&)>& run) {
  lanes_.ForOperations().Run(db::kBackgroundLimit, [&](Tx& tx) {
    run(tx);
    return true;
  });
}

void Runner::RunOne(const std::string& id) {
  const std::string lease = options_.owner + "/" + NewId();
  std::optional<Operation> op;
  Write([&](Tx& tx) {
    const Instant now = runtime::Now();
    op = Claim(tx, id, lease, now, now.Plus(options_.lease));
  });
  if (!op) return;
  CrashPoint("operation_claimed");
  const Renewer::Holding holding(*renewer_, std::make_shared<Held>(op->id, op->type, lease));
  try {
    RunSlice(*op, holding.held());
  } catch (const Interrupted& why) {
    // Cancelled: somebody, this replica soon, takes it again and tidies up. Otherwise it is another's by now.
    Write([&](Tx& tx) {
      Release(tx, id, lease, op->attempts, runtime::Now());
      tx.Wake(db::Concern::kOperations);
    });
  } catch (const db::DbError& error) {
    Failed(*op, lease, error, !error.passes());
  } catch (const std::exception& error) {
    Failed(*op, lease, error, true);
  }
}

void Runner::RunSlice(Operation op, Held& held) {
  const auto type = types_.find(op.type);
  if (type == types_.end() && !op.failure) op.failure = Internal("this release has no operations of the type " + op.type);
  if (op.cancel_requested || op.failure) return End(std::move(op), held);
  Slice slice(*this, std::move(op), held);
  const Operation& now_is = slice.operation();
  const auto end = Clock::now() + options_.slice;
  const auto open = [&] { return now_is.state == State::OPERATION_STATE_RUNNING && !now_is.failure; };
  bool moves = true;
  bool has_moved = false;
  while (open() && moves && (!has_moved || Clock::now() < end)) {
    const std::string checkpoint = now_is.checkpoint;
    const std::int64_t done = now_is.done;
    type->second.run(slice);
    // `done` may go back, where a type begins again: only beyond what it was it says that there is an end.
    moves = now_is.checkpoint != checkpoint || now_is.done > done;
    has_moved = has_moved || moves;
  }
  if (open() && !has_moved) throw TryLater(Internal("makes no progress: neither its checkpoint nor what is done has moved"));
  if (now_is.state == State::OPERATION_STATE_RUNNING) {
    Write([&](Tx& tx) { Release(tx, now_is.id, held.lease, 0, runtime::Now()); });
  } else if (now_is.state == State::OPERATION_STATE_DONE) {
    observe::Count("renxin_operations_ended_total", {{"type", now_is.type}, {"how", "done"}});
  }
}

void Runner::End(Operation op, Held& held) {
  const auto type = types_.find(op.type);
  bool more = type != types_.end() && type->second.discard != nullptr;
  while (more) {
    if (waiter_.stopping()) throw Interrupted("the service stops");
    Write([&](Tx& tx) {
      const Instant now = runtime::Now();
      more = LoadUnderLease(tx, op.id, held.lease).has_value();
      if (!more) return;
      more = type->second.discard(tx, op);
      Save(tx, op, now, now.Plus(options_.lease));
    });
    held.Moved();
  }
  op.state = op.failure ? State::OPERATION_STATE_FAILED : State::OPERATION_STATE_CANCELLED;
  Write([&](Tx& tx) {
    const Instant now = runtime::Now();
    if (LoadUnderLease(tx, op.id, held.lease)) Save(tx, op, now, now);
  });
  observe::Count("renxin_operations_ended_total", {{"type", op.type}, {"how", op.failure ? "failed" : "cancelled"}});
}

void Runner::Failed(const Operation& op, const std::string& lease, const std::exception& error, bool counts) {
  observe::Count("renxin_operation_failures_total", {{"type", op.type}});
  observe::Log(observe::Level::kError, "operation failed", {{"id", op.id}, {"type", op.type}, {"what", error.what()}});
  const auto* later = dynamic_cast<const TryLater*>(&error);
  const std::optional<Error> why = later != nullptr ? std::optional(later->error) : std::nullopt;
  Write([&](Tx& tx) { RecordFailure(tx, op.id, lease, why, counts); });
}

}  // namespace renxin::operations
