#pragma once
// Work with an effect outside the database, which no transaction can hold: it is claimed in one transaction, done
// without one and within a deadline, and recorded in another. A process that dies between them leaves the claim; the
// timer's row comes due again with the lease, and `prepare` then finds what was claimed and never recorded.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/db/lane.h"
#include "shared/runtime/context.h"
#include "shared/runtime/due_loop.h"

namespace renxin::runtime {

class ServiceClient;

struct JobContext {
  Instant now;
  // Past it nothing may be begun any more: the lease runs out some time after.
  std::chrono::steady_clock::time_point deadline;
  const Environment& env;

  bool late() const { return std::chrono::steady_clock::now() >= deadline; }
};

// One kind. Jobs and results are the kind's own types, hidden behind void by Service::Work.
struct JobKind {
  // In a transaction: claims. Null when there is nothing to do; it may then schedule its kind again for later.
  std::function<std::shared_ptr<const void>(Tx&, const TimerContext&)> prepare;
  // In none.
  std::function<std::shared_ptr<const void>(ServiceClient&, const JobContext&, const void* job)> execute;
  // In a transaction. The kind is due again at once unless it schedules it for later.
  std::function<void(Tx&, const TimerContext&, const void* job, const void* result)> record;
  int threads = 1;  // how many of its rows a process works on at a time
};

template <class Job, class Outcome>
JobKind MakeJobKind(std::function<std::optional<Job>(Tx&, const TimerContext&)> prepare,
                    std::function<Outcome(ServiceClient&, const JobContext&, const Job&)> execute,
                    std::function<void(Tx&, const TimerContext&, const Job&, const Outcome&)> record) {
  JobKind kind;
  kind.prepare = [prepare](Tx& tx, const TimerContext& ctx) -> std::shared_ptr<const void> {
    std::optional<Job> job = prepare(tx, ctx);
    if (!job) return nullptr;
    return std::make_shared<const Job>(std::move(*job));
  };
  kind.execute = [execute](ServiceClient& client, const JobContext& ctx, const void* job) -> std::shared_ptr<const void> {
    return std::make_shared<const Outcome>(execute(client, ctx, *static_cast<const Job*>(job)));
  };
  kind.record = [record](Tx& tx, const TimerContext& ctx, const void* job, const void* outcome) {
    record(tx, ctx, *static_cast<const Job*>(job), *static_cast<const Outcome*>(outcome));
  };
  return kind;
}

// How long a claim is good; what acts has half of it.
constexpr std::chrono::seconds kJobLease{60};

// In a row; then it is given up. The pauses grow to thirty leases: some 22 hours.
constexpr int kJobAttempts = 60;

class OutboundJobs {
 public:
  OutboundJobs(std::map<std::string, JobKind> kinds, std::string url, const Environment& env, db::Lanes& lanes, ServiceClient& client,
               std::chrono::milliseconds lease = kJobLease, int attempts = kJobAttempts);
  // A timer was scheduled.
  void Notify() { loop_.Notify(); }
  void Stop() { loop_.Stop(); }

 private:
  // False when another replica has it.
  bool RunOne(const std::string& kind, const std::string& key);
  // The same; `job` stays null when there is nothing to do.
  bool Claim(db::Lane& lane, const std::string& kind, const std::string& key, std::shared_ptr<const void>* job);
  void Postpone(db::Lane& lane, const std::string& kind, const std::string& key, const std::exception& error);

  std::map<std::string, JobKind> kinds_;
  const Environment& env_;
  db::Lanes& lanes_;
  ServiceClient& client_;
  std::chrono::milliseconds lease_;
  int attempts_;
  DueLoop loop_;
};

}  // namespace renxin::runtime
