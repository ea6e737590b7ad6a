#pragma once
// The inside of a Service: what service.h keeps out of the services' compile time.

#include <boost/asio/thread_pool.hpp>

#include <google/protobuf/message.h>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/contract/method.h"
#include "shared/db/lane.h"
#include "shared/db/listener.h"
#include "shared/observe/log.h"
#include "shared/runtime/consumer.h"
#include "shared/runtime/maintenance.h"
#include "shared/runtime/once.h"
#include "shared/runtime/relay.h"
#include "shared/runtime/service.h"

namespace renxin::runtime {

// One request on its way through the wrapper. Shared by the callbacks that end it.
struct ActiveCall {
  const struct Route* route = nullptr;
  bus::Message message;
  MessagePtr request;
  Caller caller;
  observe::Trace trace;
  OnceKey once;
  std::optional<std::int64_t> expected_version;
  std::chrono::steady_clock::time_point deadline;
  std::chrono::steady_clock::time_point began;
  std::shared_ptr<void> preflight;
  // The answer, written by the last run of the job.
  Code code = Code::kInternal;
  std::string answer;
};

struct Route {
  contract::MethodInfo info;
  Rpc rpc;
};

class ServiceCore final : public ServiceClient {
 public:
  ServiceCore(std::string name, std::vector<db::Migration> migrations);
  ~ServiceCore() override;

  int Serve();
  void Prepare();  // keys, migrations, durability
  void OnRequest(bus::Message message);

  Result<std::string> CallBytes(std::string_view service, std::string_view method, const google::protobuf::Message& request,
                                std::string_view key) override;
  void Read(const std::function<void(Tx&)>& run) override;
  void ReadStatement(const std::function<void(Tx&)>& run) override;

  Config config;
  contract::DescriptorSet descriptors;  // of this service alone
  std::vector<db::Migration> migrations;
  std::map<std::string, Rpc> rpcs;
  std::vector<Reaction> reactions;
  std::map<std::string, TimerKind> timers;
  std::map<std::string, JobKind> outbound_jobs;
  std::vector<MakeLoop> loops;
  // Of the tables that every service has; more are added by Service::Retain.
  std::vector<Retention> retentions{DeletedAfter("idempotency", db::kAnswerKept, db::kAgedAnswers),
                                    DeletedAfter("inbox", db::kInboxKept, db::kAgedInbox),
                                    DeletedAfter("dead_letters", db::kClosedDeadLettersKept, db::kClosedDeadLetters)};
  std::vector<std::function<void(Tx&, const TimerContext&)>> at_start;
  std::map<std::string, std::function<std::int64_t(Tx&)>> gauges;
  std::vector<NamedCheck> checks;
  std::unique_ptr<privacy::Sealer> sealer;
  std::unique_ptr<Zone> zone;
  std::unique_ptr<Environment> env;

  // Operations that every service answers (ops.cc).
  void AddOps();
  void AddHistory();
  std::vector<ConsumerProgress> ConsumersProgress();
  Consumer* FindConsumer(std::string_view name);
  Relay& relay() { return *relay_; }

 private:
  void BuildRoutes();
  void StartThreads();
  void Stop();
  void WaitForSignal();
  void Committed(db::Concerns concerns);
  void Answered(bool more);
  void Dispatch(const std::shared_ptr<ActiveCall>& call);
  void RememberAs(ActiveCall* call) const;
  // On a thread of `preflights_`: what may wait and comes before the transaction.
  void RunPreflight(const std::shared_ptr<ActiveCall>& call);
  Result<std::shared_ptr<void>> Preflight(const std::shared_ptr<ActiveCall>& call, std::optional<std::string>* remembered);
  void RunInDatabase(const std::shared_ptr<ActiveCall>& call);
  void DeclareJob(Tx& tx, const ActiveCall& call);
  bool RunJob(Tx& tx, ActiveCall& call);
  CallContext MakeContext(Tx* tx, const ActiveCall& call) const;
  void Finish(const std::shared_ptr<ActiveCall>& call, const std::exception_ptr& error);
  void Reply(const ActiveCall& call, Code code, const std::string& body);
  void ReplyError(const ActiveCall& call, const Error& error);
  bool Ready() const;

  std::map<std::string, Route> routes_;  // by subject
  std::shared_ptr<bus::Connection> connection_;
  std::unique_ptr<db::Lanes> lanes_;
  std::unique_ptr<db::Readers> readers_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<Timers> timer_loop_;
  std::unique_ptr<OutboundJobs> outbound_jobs_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  std::unique_ptr<db::Listener> listener_;
  // What asks before its transaction waits here, not on the bus's threads; few: a password check takes 64 MiB
  // and a core.
  std::unique_ptr<boost::asio::thread_pool> preflights_;
  std::atomic<int> asking_{0};
  std::atomic<int> in_flight_{0};
  std::atomic<bool> serving_{false};
  // The loops below are all there: before that nobody may look at them.
  std::atomic<bool> started_{false};
  bool has_roster_ = false;
};

}  // namespace renxin::runtime
