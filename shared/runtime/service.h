#pragma once
// A service: a table of rpc and event handlers around one database and one connection to the bus.
// The wrapper decodes, validates, checks roles, makes the scope, remembers answers, masks and replies;
// a handler is a plain function of (Tx&, context, request).

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/bus/bus.h"
#include "shared/core/result.h"
#include "shared/db/migrate.h"
#include "shared/runtime/config.h"
#include "shared/runtime/context.h"
#include "shared/runtime/doctor.h"
#include "shared/runtime/loop.h"
#include "shared/runtime/maintenance.h"
#include "shared/runtime/outbound_jobs.h"
#include "shared/runtime/reaction.h"
#include "shared/runtime/service_client.h"
#include "shared/runtime/timers.h"

namespace renxin::runtime {

class ServiceCore;

using MessagePtr = std::unique_ptr<google::protobuf::Message>;

struct Rpc {
  bool command = false;
  db::Reads reads = db::Reads::kSnapshot;  // of a query
  std::function<MessagePtr()> make;
  // Null unless the rpc fetches something before its transaction; its value is handed to `run`.
  std::function<Result<std::shared_ptr<void>>(ServiceClient&, const CallContext&, const google::protobuf::Message&)> preflight;
  // Null for what is answered without the database: then `answer` is not.
  using Run = std::function<Result<MessagePtr>(Tx&, const CallContext&, const google::protobuf::Message&, const void* fetched)>;
  Run run;
  // Null, or what `run` of a command will look up and lock, from its request (db/lookup.h).
  std::function<void(Tx&, const CallContext&, const google::protobuf::Message&)> declare;
  // Must not throw.
  std::function<MessagePtr(const google::protobuf::Message&)> answer;
};

class Service {
 public:
  // Reads the configuration from the environment; `migrations` are the service's own.
  Service(std::string name, std::vector<db::Migration> migrations);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  template <class Req, class Res>
  Service& Query(std::string_view method, Result<Res> (*handler)(Tx&, const CallContext&, const Req&),
                 db::Reads reads = db::Reads::kSnapshot) {
    Rpc rpc = MakeRpc<Req>(false, ErasedHandler{reinterpret_cast<void (*)()>(handler), &CallHandler<Req, Res>});
    rpc.reads = reads;
    return Add(method, std::move(rpc));
  }
  template <class Req, class Res>
  Service& Command(std::string_view method, Result<Res> (*handler)(Tx&, const CallContext&, const Req&)) {
    return Add(method, MakeRpc<Req>(true, ErasedHandler{reinterpret_cast<void (*)()>(handler), &CallHandler<Req, Res>}));
  }
  // `declare` says what the handler will look up and lock: a group of commands asks for all of it at once (db/lookup.h). It sees a context
  // without a scope.
  template <class Req, class Res>
  Service& Command(std::string_view method, Result<Res> (*handler)(Tx&, const CallContext&, const Req&),
                   void (*declare)(Tx&, const CallContext&, const Req&)) {
    Rpc rpc = MakeRpc<Req>(true, ErasedHandler{reinterpret_cast<void (*)()>(handler), &CallHandler<Req, Res>});
    rpc.declare = [declare](Tx& tx, const CallContext& ctx, const google::protobuf::Message& req) {
      declare(tx, ctx, static_cast<const Req&>(req));
    };
    return Add(method, std::move(rpc));
  }
  // For parts of shared/ that serve every service and hold what they were given.
  template <class Req, class Res>
  Service& Bound(std::string_view method, bool command, std::function<Result<Res>(Tx&, const CallContext&, const Req&)> handler) {
    return Add(method, MakeRpc<Req>(command,
                                    [handler](Tx& tx, const CallContext& ctx, const google::protobuf::Message& req,
                                              const void*) -> Result<MessagePtr> {
                                      ASSIGN_OR_RETURN(Res res, handler(tx, ctx, static_cast<const Req&>(req)));
                                      return MessagePtr(std::make_unique<Res>(std::move(res)));
                                    }));
  }
  // `preflight` runs before the transaction and may wait; what it fetched is handed to the handler.
  template <class Req, class Res, class Fetched>
  Service& Command(std::string_view method, Result<Fetched> (*preflight)(ServiceClient&, const CallContext&, const Req&),
                   Result<Res> (*handler)(Tx&, const CallContext&, const Req&, const Fetched&)) {
    return BindPreflight<Req, Res, Fetched>(method, true, preflight, handler);
  }
  template <class Req, class Res, class Fetched>
  Service& Query(std::string_view method, Result<Fetched> (*preflight)(ServiceClient&, const CallContext&, const Req&),
                 Result<Res> (*handler)(Tx&, const CallContext&, const Req&, const Fetched&)) {
    return BindPreflight<Req, Res, Fetched>(method, false, preflight, handler);
  }
  template <class Req, class Res, class Fetched>
  Service& BindPreflight(std::string_view method, bool command,
                         std::function<Result<Fetched>(ServiceClient&, const CallContext&, const Req&)> preflight,
                         std::function<Result<Res>(Tx&, const CallContext&, const Req&, const Fetched&)> handler) {
    Rpc rpc{.command = command, .make = &MakeMessage<Req>, .preflight = nullptr, .run = nullptr};
    rpc.preflight = [preflight](ServiceClient& client, const CallContext& ctx,
                                const google::protobuf::Message& req) -> Result<std::shared_ptr<void>> {
      ASSIGN_OR_RETURN(Fetched fetched, preflight(client, ctx, static_cast<const Req&>(req)));
      return std::static_pointer_cast<void>(std::make_shared<Fetched>(std::move(fetched)));
    };
    rpc.run = [handler](Tx& tx, const CallContext& ctx, const google::protobuf::Message& req, const void* fetched) -> Result<MessagePtr> {
      ASSIGN_OR_RETURN(Res res, handler(tx, ctx, static_cast<const Req&>(req), *static_cast<const Fetched*>(fetched)));
      return MessagePtr(std::make_unique<Res>(std::move(res)));
    };
    return Add(method, std::move(rpc));
  }

  // A reaction to `publisher`'s event of type Event. `consumer` (`commissions_on-settlement`) is a
  // contract: renamed, it reads everything again.
  template <class Event>
  Service& On(std::string_view publisher, std::string_view consumer, Status (*reaction)(Tx&, const EventContext&, const Event&)) {
    return AddReaction(publisher, consumer, &MakeMessage<Event>, Each(reaction));
  }
  // The same where many events cost hardly more than one: it gets all of a transaction, and enters each one's
  // trace before it publishes anything for it.
  template <class Event>
  Service& OnMany(std::string_view publisher, std::string_view consumer,
                  std::vector<Status> (*reaction)(Tx&, const std::vector<Delivered<Event>>&)) {
    return AddReaction(publisher, consumer, &MakeMessage<Event>, Together(reaction));
  }

  Service& Timer(std::string_view kind, TimerHandler handler, TimerLane lane = TimerLane::kLeastBusy);
  // What acts outside the database, when its timer is due: claim, act, record (outbound_jobs.h).
  template <class Job, class Outcome>
  Service& OutboundJob(std::string_view kind, std::function<std::optional<Job>(Tx&, const TimerContext&)> prepare,
                       std::function<Outcome(ServiceClient&, const JobContext&, const Job&)> execute,
                       std::function<void(Tx&, const TimerContext&, const Job&, const Outcome&)> record) {
    return AddOutboundJob(kind, MakeJobKind<Job, Outcome>(std::move(prepare), std::move(execute), std::move(record)));
  }
  // Runs once at every start in a transaction of its own, before anything is served.
  Service& AtStart(std::function<void(Tx&, const TimerContext&)> run);
  // Rows that do not stay for ever (maintenance.h).
  Service& Retain(Retention retention);
  // A loop of its own, made when the service's threads start and stopped before they end.
  Service& AddLoop(MakeLoop make);
  // Adds to the figures of OpsService.Status (`waiting_rows`, `running_import` …).
  Service& Gauge(std::string_view name, std::function<std::int64_t(Tx&)> count);

  // Adds to what OpsService.ListFindings looks through: stored rows by the rules of today (doctor.h).
  Service& Doctor(std::string_view name, RowCheck check);
  Service& Doctor(const std::vector<NamedCheck>& checks);

  // Serves until SIGTERM; returns the exit code. `--migrate-only` applies the migrations and returns.
  int Run(int argc, char** argv);

  const Environment& environment() const;
  const Config& config() const;
  // For the command line of a service: its database without serving. Migrations have been applied.
  void RunOffline(const std::function<void(Tx&, const TimerContext&)>& run);

 private:
  Service& AddOutboundJob(std::string_view kind, JobKind work);
  template <class Event>
  static MessagePtr MakeMessage() {
    return std::make_unique<Event>();
  }
  template <class Req>
  static Rpc MakeRpc(bool command, Rpc::Run run) {
    return {.command = command, .make = &MakeMessage<Req>, .preflight = nullptr, .run = std::move(run)};
  }
  // A handler without its types, so that a service with fifty of them has one kind of std::function and not fifty: `call` knows the types.
  struct ErasedHandler {
    void (*handler)();
    Result<MessagePtr> (*call)(void (*)(), Tx&, const CallContext&, const google::protobuf::Message&);
    Result<MessagePtr> operator()(Tx& tx, const CallContext& ctx, const google::protobuf::Message& req, const void* fetched) const;
  };
  template <class Req, class Res>
  static Result<MessagePtr> CallHandler(void (*erased)(), Tx& tx, const CallContext& ctx, const google::protobuf::Message& req) {
    const auto handler = reinterpret_cast<Result<Res> (*)(Tx&, const CallContext&, const Req&)>(erased);
    ASSIGN_OR_RETURN(Res res, handler(tx, ctx, static_cast<const Req&>(req)));
    return MessagePtr(std::make_unique<Res>(std::move(res)));
  }
  Service& Add(std::string_view method, Rpc rpc);
  Service& AddReaction(std::string_view publisher, std::string_view consumer, std::function<MessagePtr()> make, RunReaction run);

  std::unique_ptr<ServiceCore> core_;
};

}  // namespace renxin::runtime
