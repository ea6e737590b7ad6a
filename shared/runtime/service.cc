#include "shared/runtime/service.h"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstring>
#include <iostream>

#include "renxin/options/v1/event.pb.h"
#include "shared/observe/log.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/core.h"

namespace renxin::runtime {

Service::Service(std::string name, std::vector<db::Migration> migrations)
    : core_(std::make_unique<ServiceCore>(std::move(name), std::move(migrations))) {}
Service::~Service() = default;

Result<MessagePtr> Service::ErasedHandler::operator()(Tx& tx, const CallContext& ctx, const google::protobuf::Message& req,
                                                      const void* /*fetched*/) const {
  return call(handler, tx, ctx, req);
}

Service& Service::Add(std::string_view method, Rpc rpc) {
  if (!core_->rpcs.emplace(std::string(method), std::move(rpc)).second) throw std::logic_error("registered twice: " + std::string(method));
  return *this;
}

Service& Service::AddReaction(std::string_view publisher, std::string_view consumer, std::function<MessagePtr()> make, RunReaction run) {
  const MessagePtr sample = make();
  const auto& options = sample->GetDescriptor()->options();
  if (!options.HasExtension(options::v1::event)) throw std::logic_error("not an event: " + sample->GetTypeName());
  core_->reactions.push_back(Reaction{.consumer = std::string(consumer),
                                      .publisher = std::string(publisher),
                                      .event = options.GetExtension(options::v1::event).name(),
                                      .make = std::move(make),
                                      .run = std::move(run)});
  return *this;
}

Service& Service::Timer(std::string_view kind, TimerHandler handler, TimerLane lane) {
  core_->timers[std::string(kind)] = {std::move(handler), lane};
  return *this;
}

Service& Service::AddOutboundJob(std::string_view kind, JobKind work) {
  core_->outbound_jobs[std::string(kind)] = std::move(work);
  return *this;
}

Service& Service::AtStart(std::function<void(Tx&, const TimerContext&)> run) {
  core_->at_start.push_back(std::move(run));
  return *this;
}

Service& Service::Retain(Retention retention) {
  core_->retentions.push_back(std::move(retention));
  return *this;
}

Service& Service::AddLoop(MakeLoop make) {
  core_->loops.push_back(std::move(make));
  return *this;
}

Service& Service::Gauge(std::string_view name, std::function<std::int64_t(Tx&)> count) {
  core_->gauges[std::string(name)] = std::move(count);
  return *this;
}

Service& Service::Doctor(std::string_view name, RowCheck check) {
  const auto same = [&](const NamedCheck& other) { return other.name == name; };
  if (std::any_of(core_->checks.begin(), core_->checks.end(), same)) throw std::logic_error("registered twice: " + std::string(name));
  core_->checks.push_back({std::string(name), std::move(check)});
  return *this;
}

Service& Service::Doctor(const std::vector<NamedCheck>& checks) {
  for (const NamedCheck& each : checks) Doctor(each.name, each.check);
  return *this;
}

const Environment& Service::environment() const { return *core_->env; }
const Config& Service::config() const { return core_->config; }

void Service::RunOffline(const std::function<void(Tx&, const TimerContext&)>& run) {
  core_->Prepare();
  db::Session session(core_->config.database_url);
  Tx tx(session, false);
  run(tx, TimerContext{.now = Now(), .key = "", .env = *core_->env});
  tx.Commit();
}

int Service::Run(int argc, char** argv) {
  try {
    core_->Prepare();
    if (argc > 1 && std::strcmp(argv[1], "--migrate-only") == 0) return 0;
    if (argc > 1) {
      std::cerr << "unknown argument " << argv[1] << "; --migrate-only is the only one\n";
      return 2;
    }
    return core_->Serve();
  } catch (const std::exception& error) {
    observe::Log(observe::Level::kError, "cannot start", {{"what", error.what()}});
    return 1;
  }
}

}  // namespace renxin::runtime
