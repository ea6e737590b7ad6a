#include "shared/runtime/core.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <thread>

#include "renxin/common/v1/error.pb.h"
#include "renxin/options/v1/event.pb.h"
#include "shared/contract/descriptors.h"
#include "shared/contract/error.h"
#include "shared/core/text.h"
#include "shared/http/health.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"

namespace renxin::runtime {
namespace {

constexpr std::chrono::seconds kDrainLimit{15};

bool IsDeclared(const contract::DescriptorSet& set, const Reaction& reaction) {
  for (const auto* file : set.files) {
    const auto& options = file->options();
    for (int i = 0; i < options.ExtensionSize(options::v1::consumers); ++i) {
      const options::v1::Consumer& declared = options.GetExtension(options::v1::consumers, i);
      if (declared.name() == reaction.consumer && declared.publisher() == reaction.publisher && declared.event() == reaction.event)
        return true;
    }
  }
  return false;
}

}  // namespace

ServiceCore::ServiceCore(std::string name, std::vector<db::Migration> own)
    : config(Config::FromEnvironment(name)), descriptors(contract::LinkedDescriptors(name)) {
  migrations = db::PlatformMigrations();
  migrations.insert(migrations.end(), own.begin(), own.end());
  observe::ConfigureLog(name, config.log_level);
}

ServiceCore::~ServiceCore() = default;

void ServiceCore::Prepare() {
  if (!config.fault.empty()) throw std::runtime_error(config.fault);
  sealer = std::make_unique<privacy::Sealer>(privacy::ServiceKeys::Load(config.key_file));
  zone = std::make_unique<Zone>(config.zone);
  env = std::make_unique<Environment>(Environment{*sealer, *zone});
  db::Migrate(config.migration_database_url, config.database_url, migrations);
  db::RequireDurable(config.database_url);
}

void ServiceCore::BuildRoutes() {
  AddOps();
  AddHistory();
  for (contract::MethodInfo& info : contract::MethodsOf(descriptors, config.service)) {
    const auto found = rpcs.find(info.name());
    if (found == rpcs.end()) throw std::logic_error("no handler for " + info.name());
    if (!info.has_access) throw std::logic_error("no access option on " + info.name());
    const Rpc& rpc = found->second;
    // What is answered without the database has nothing to be remembered in: it is no command.
    if ((rpc.run == nullptr) == (rpc.answer == nullptr) || (rpc.command && rpc.answer))
      throw std::logic_error("no way to run " + info.name());
    const std::string subject = contract::SubjectOf(info);
    routes_.emplace(subject, Route{std::move(info), std::move(found->second)});
    rpcs.erase(found);
  }
  if (!rpcs.empty()) throw std::logic_error("handler without an rpc: " + rpcs.begin()->first);
  for (const Reaction& reaction : reactions) {
    // The broker lets a service make only the consumers that its contract declares.
    if (!IsDeclared(descriptors, reaction)) throw std::logic_error("consumer is not declared in the contract: " + reaction.consumer);
  }
}

void ServiceCore::StartThreads() {
  const db::Answered answered = [this](bool more) { Answered(more); };
  lanes_ = std::make_unique<db::Lanes>(
      config.database_url, config.service, config.lanes, [this](db::Concerns concerns) { Committed(concerns); }, answered);
  readers_ = std::make_unique<db::Readers>(config.database_url, config.readers, 1'024, answered);
  preflights_ = std::make_unique<boost::asio::thread_pool>(config.preflights);
  lanes_->Any().Run(std::chrono::seconds(30), [this](Tx& tx) {
    // Two replicas that start at once do it one after the other, and the second finds what the first has made.
    db::HoldMigrationLock(tx);
    const TimerContext ctx{.now = Now(), .key = "", .env = *env};
    for (const auto& run : at_start) run(tx, ctx);
    return true;
  });
  bus::Options nats = config.nats;
  nats.name = "renxin-" + config.service;
  connection_ = bus::Connection::Open(std::move(nats));
  has_roster_ = std::any_of(reactions.begin(), reactions.end(), [](const Reaction& reaction) {
    return reaction.publisher == "identity" && reaction.consumer.ends_with("_roster");
  });
  relay_ = std::make_unique<Relay>(config.service, config.database_url, *lanes_, connection_,
                                   std::make_unique<LiveHeaders>(descriptors, config.service, *zone, has_roster_));
  timer_loop_ = std::make_unique<Timers>(timers, config.database_url, *env, *lanes_);
  outbound_jobs_ = std::make_unique<OutboundJobs>(outbound_jobs, config.database_url, *env, *lanes_, *this);
  for (const MakeLoop& make : loops) loops_.push_back(make({.config = config, .env = *env, .lanes = *lanes_, .client = *this}));
  loops_.push_back(std::make_unique<Maintenance>(retentions, MaintenanceOptions{.url = config.database_url}, *lanes_));
  consumers_.reserve(reactions.size());
  for (Reaction& reaction : reactions) {
    consumers_.push_back(std::make_unique<Consumer>(reaction, *env, *lanes_, *readers_, connection_));
  }
  started_ = true;
  Committed(db::Concerns::All());
  listener_ = std::make_unique<db::Listener>(config.database_url, [this](db::Concerns concerns) { Committed(concerns); });
  for (const char* prefix : {"rpc.renxin.", "int.renxin."}) {
    connection_->Subscribe(prefix + config.service + ".>", config.service, [this](bus::Message message) { OnRequest(std::move(message)); });
  }
}

// Wakes whom a commit has work for: one of this process's lanes, or of another replica's.
void ServiceCore::Committed(db::Concerns concerns) {
  // A loop that was started first commits while the others are still being made.
  if (!started_) return;
  if (concerns.Has(db::Concern::kOutbox)) relay_->Notify();
  if (concerns.Has(db::Concern::kTimers)) timer_loop_->Notify();
  if (concerns.Has(db::Concern::kTimers)) outbound_jobs_->Notify();
  for (const auto& loop : loops_) loop->Notify(concerns);
}

// The answers of a group leave in one write; those of readers that have more to do, with what they answer until the socket's thread is
// there.
void ServiceCore::Answered(bool more) {
  // What is done while the service starts answers nobody.
  if (!started_) return;
  if (more) {
    connection_->FlushSoon();
  } else {
    connection_->Flush();
  }
}

bool ServiceCore::Ready() const { return serving_ && connection_->connected() && lanes_->healthy(); }

int ServiceCore::Serve() {
  BuildRoutes();
  StartThreads();
  serving_ = true;
  WaitForSignal();
  Stop();
  return 0;
}

void ServiceCore::WaitForSignal() {
  boost::asio::io_context io(1);
  const http::HealthServer health(
      io, config.http_address, [this] { return Ready(); }, [] { return observe::MetricsText(); });
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code&, int) {
    observe::Log(observe::Level::kInfo, "stopping");
    io.stop();
  });
  observe::Log(observe::Level::kInfo, "serving", {{"http", config.http_address}});
  io.run();
}

// Not ready → no new requests → no new messages → drain → relay → bus → database.
void ServiceCore::Stop() {
  serving_ = false;
  connection_->StopSubscriptions();
  listener_.reset();
  for (auto& consumer : consumers_) consumer->Stop();
  timer_loop_->Stop();
  outbound_jobs_->Stop();
  for (const auto& loop : loops_) loop->Stop();
  const auto end = std::chrono::steady_clock::now() + kDrainLimit;
  // Looked at, not waited on: a request that never ends must not hold up the stop.
  while (in_flight_ > 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  preflights_->join();
  relay_->FlushAndStop(std::chrono::seconds(3));
  readers_.reset();
  lanes_.reset();
  connection_->Close(std::chrono::seconds(2));
  observe::Log(observe::Level::kInfo, "stopped");
}

std::vector<ConsumerProgress> ServiceCore::ConsumersProgress() {
  std::vector<ConsumerProgress> out;
  out.reserve(consumers_.size());
  for (const auto& consumer : consumers_) out.push_back(consumer->Progress());
  return out;
}

Consumer* ServiceCore::FindConsumer(std::string_view name) {
  for (const auto& consumer : consumers_) {
    if (consumer->reaction().consumer == name) return consumer.get();
  }
  return nullptr;
}

void ServiceCore::Read(const std::function<void(Tx&)>& run) { readers_->Run(std::chrono::seconds(5), run); }

void ServiceCore::ReadStatement(const std::function<void(Tx&)>& run) { readers_->Run(std::chrono::seconds(5), run, db::Reads::kStatement); }

Result<std::string> ServiceCore::CallBytes(std::string_view service, std::string_view method, const google::protobuf::Message& request,
                                           std::string_view key) {
  const std::string subject = "int.renxin." + std::string(service) + ".v1." + std::string(method);
  const std::int64_t limit_ms = 3'000;
  bus::Headers headers{{"Renxin-Deadline-Ms", std::to_string(limit_ms)}, {"Idempotency-Key", key.empty() ? NewId() : std::string(key)}};
  if (const observe::Trace* trace = observe::TraceScope::Current()) headers.emplace_back("traceparent", trace->ToHeader());
  bus::Answer answer = connection_->Call(subject, headers, request.SerializeAsString(), std::chrono::milliseconds(limit_ms));
  if (answer.outcome != bus::Outcome::kReply) {
    return Error{Code::kUnavailable, Reason::kServiceUnavailable, std::string(service) + " does not answer", {}, 1'000};
  }
  if (bus::FindHeader(answer.message.headers, "Renxin-Code") == "0") return std::move(answer.message.body);
  common::v1::Error error;
  if (!error.ParseFromString(answer.message.body)) return Error{Code::kInternal, Reason::kInternal, "answer does not parse"};
  return contract::FromProto(error);
}

}  // namespace renxin::runtime
