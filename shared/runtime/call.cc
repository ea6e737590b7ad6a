// The way of one request through the wrapper: decode → validate → roles → ask → transaction → reply.

#include <boost/asio/post.hpp>

#include <cstdlib>

#include "renxin/common/v1/common.pb.h"
#include "renxin/common/v1/error.pb.h"
#include "shared/contract/error.h"
#include "shared/contract/mask.h"
#include "shared/contract/validate.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/answer.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/core.h"
#include "shared/runtime/scope.h"

namespace renxin::runtime {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kInFlightMax = 2'048;
constexpr int kAskingMax = 64;
constexpr std::int64_t kDeadlineMaxMs = 60'000;

Error Unavailable() { return {Code::kUnavailable, Reason::kServiceUnavailable, "the service cannot reach its database", {}, 1'000}; }
Error Overloaded() { return {Code::kUnavailable, Reason::kOverloaded, "too many requests wait already", {}, 1'000}; }

Caller ReadCaller(const bus::Message& message) {
  common::v1::Principal principal;
  const auto bytes = FromBase64(bus::FindHeader(message.headers, "Renxin-Principal"));
  if (!bytes || !principal.ParseFromString(*bytes)) return {};
  return {principal.account_id(), principal.staff_id(), principal.username(), {principal.roles().begin(), principal.roles().end()}};
}

bool MayCall(const options::v1::Access& access, const Caller& caller) {
  if (access.anonymous()) return true;
  for (const std::string& role : access.roles()) {
    if (role == "*" ? !caller.account_id.empty() : caller.Has(role)) return true;
  }
  return false;
}

bool HasAny(const Caller& caller, const google::protobuf::RepeatedPtrField<std::string>& roles) {
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) { return role == "*" || caller.Has(role); });
}

Error FromDatabase(const db::DbError& error) {
  switch (error.kind()) {
    case db::ErrorKind::kLost:
    case db::ErrorKind::kFull:
      return Unavailable();
    case db::ErrorKind::kLate:
      return {Code::kDeadline, Reason::kDeadlineExceeded, "the deadline passed before it could be done"};
    case db::ErrorKind::kRetry:
      return {Code::kUnavailable, Reason::kBusy, "others hold the same records", {}, 500};
    default:
      return {Code::kInternal, Reason::kInternal, "internal error"};
  }
}

std::chrono::milliseconds Remaining(const ActiveCall& call) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call.deadline - Clock::now());
  return std::max(left, std::chrono::milliseconds(1));
}

// What a request asks of others is remembered there under a key that follows from its own: a retry does it once.
class CallClient final : public ServiceClient {
 public:
  CallClient(ServiceClient& client, const privacy::Sealer& sealer, std::string_view own_key)
      : client_(client), sealer_(sealer), own_key_(own_key) {}
  Result<std::string> CallBytes(std::string_view service, std::string_view method, const google::protobuf::Message& request,
                                std::string_view key) override {
    if (!key.empty() || own_key_.empty()) return client_.CallBytes(service, method, request, key);
    const std::string act = std::string(own_key_) + '\n' + std::string(service) + '\n' + std::string(method) + '\n';
    return client_.CallBytes(service, method, request, sealer_.RequestHash(act + request.SerializeAsString()));
  }
  void Read(const std::function<void(Tx&)>& run) override { client_.Read(run); }
  void ReadStatement(const std::function<void(Tx&)>& run) override { client_.ReadStatement(run); }

 private:
  ServiceClient& client_;
  const privacy::Sealer& sealer_;
  std::string_view own_key_;
};

}  // namespace

void ServiceCore::OnRequest(bus::Message message) {
  const auto found = routes_.find(message.subject);
  auto call = std::make_shared<ActiveCall>();
  call->began = Clock::now();
  call->trace = observe::Trace::FromHeader(bus::FindHeader(message.headers, "traceparent"));
  call->message = std::move(message);
  if (found == routes_.end()) return ReplyError(*call, NotFound("method"));
  call->route = &found->second;
  if (++in_flight_ > kInFlightMax) {
    ReplyError(*call, Overloaded());
    --in_flight_;
    return;
  }
  Dispatch(call);
}

void ServiceCore::Dispatch(const std::shared_ptr<ActiveCall>& call) {
  const Route& route = *call->route;
  const observe::TraceScope scope(call->trace);
  const auto refuse = [&](const Error& error) {
    call->code = error.code;
    call->answer = contract::ToProto(error).SerializeAsString();
    Finish(call, nullptr);
  };
  const std::string limit(bus::FindHeader(call->message.headers, "Renxin-Deadline-Ms"));
  const std::int64_t limit_ms = limit.empty() ? 10'000 : std::min<std::int64_t>(std::atoll(limit.c_str()), kDeadlineMaxMs);
  if (limit_ms <= 0) return refuse({Code::kDeadline, Reason::kDeadlineExceeded, "the deadline has passed"});
  call->deadline = call->began + std::chrono::milliseconds(limit_ms);
  call->caller = ReadCaller(call->message);
  if (route.info.access.callers().empty() && !MayCall(route.info.access, call->caller)) {
    return refuse({Code::kPermissionDenied, Reason::kRoleMissing, "your role may not do this"});
  }
  call->request = route.rpc.make();
  if (!call->request->ParseFromString(call->message.body)) {
    return refuse({Code::kInvalidArgument, Reason::kMalformedRequest, "the request does not parse"});
  }
  contract::TrimTexts(call->request.get());
  if (const auto error = contract::ValidationError(*call->request)) return refuse(*error);
  const std::string if_match(bus::FindHeader(call->message.headers, "Renxin-If-Match"));
  if (!if_match.empty()) {
    if (!route.info.http.if_match()) return refuse(InvalidField("If-Match", "unsupported", "If-Match is not supported here"));
    if (if_match != "*") call->expected_version = std::atoll(if_match.c_str());
  }
  if (route.rpc.answer) {
    const MessagePtr answer = route.rpc.answer(*call->request);
    contract::ApplyMasks(answer.get());
    call->code = Code::kOk;
    call->answer = answer->SerializeAsString();
    return Finish(call, nullptr);
  }
  if (route.rpc.command) RememberAs(call.get());
  if (route.rpc.command && !route.info.access.callers().empty() && call->once.key_hash.empty()) {
    return refuse(InvalidField("Idempotency-Key", "required", "an internal command carries an idempotency key"));
  }
  if (!route.rpc.preflight) return RunInDatabase(call);
  if (++asking_ > kAskingMax) {
    --asking_;
    return refuse(Overloaded());
  }
  boost::asio::post(*preflights_, [this, call] { RunPreflight(call); });
}

void ServiceCore::RunPreflight(const std::shared_ptr<ActiveCall>& call) {
  const observe::TraceScope scope(call->trace);
  std::optional<std::string> remembered;
  const Result<std::shared_ptr<void>> preflight = Preflight(call, &remembered);
  --asking_;
  if (preflight && !remembered) {
    call->preflight = *preflight;
    return RunInDatabase(call);
  }
  call->code = preflight ? Code::kOk : preflight.error().code;
  call->answer = preflight ? std::move(*remembered) : contract::ToProto(preflight.error()).SerializeAsString();
  Finish(call, nullptr);
}

Result<std::shared_ptr<void>> ServiceCore::Preflight(const std::shared_ptr<ActiveCall>& call, std::optional<std::string>* remembered) {
  try {
    if (!call->once.key_hash.empty()) {
      // A retry gets its answer also while the other service is away, and asks nobody a second time.
      Result<std::optional<std::string>> stored{std::nullopt};
      readers_->Run(Remaining(*call), [&](Tx& tx) { stored = RememberedAnswer(tx, *sealer, call->once, Now()); });
      if (!stored) return std::move(stored).error();
      if (*stored) {
        *remembered = std::move(**stored);
        return std::shared_ptr<void>();
      }
    }
    CallClient client(*this, *sealer, call->once.key_hash);
    return call->route->rpc.preflight(client, MakeContext(nullptr, *call), *call->request);
  } catch (const db::DbError& error) {
    return FromDatabase(error);
  } catch (const std::exception& error) {
    observe::Log(observe::Level::kError, "ask threw", {{"method", call->route->info.name()}, {"what", error.what()}});
    return Error{Code::kInternal, Reason::kInternal, "internal error"};
  }
}

// Under which key the answer is remembered. Scoped to principal and method: another's key is another key. Callers without
// a name are distinguished by what they ask: the password or token in it is theirs alone.
void ServiceCore::RememberAs(ActiveCall* call) const {
  const std::string key(bus::FindHeader(call->message.headers, "Idempotency-Key"));
  if (key.empty()) return;
  const std::string& account = call->caller.account_id;
  const std::string who = account.empty() ? '\n' + sealer->RequestHash(call->message.body) : account;
  call->once.key_hash = sealer->RequestHash(who + '\n' + call->message.subject + '\n' + key);
  std::string identity = call->message.body;
  if (call->expected_version) identity += "\nIf-Match: " + std::to_string(*call->expected_version);
  call->once.request_hash = sealer->RequestHash(identity);
  const std::int64_t replay = call->route->info.http.replay_seconds();
  if (replay > 0) call->once.keep = std::chrono::seconds(replay);
}

void ServiceCore::RunInDatabase(const std::shared_ptr<ActiveCall>& call) {
  db::Job job{.reads = call->route->rpc.reads,
              .declare = call->route->rpc.command ? [this, call](Tx& tx) { DeclareJob(tx, *call); } : std::function<void(Tx&)>(),
              .run = [this, call](Tx& tx) { return RunJob(tx, *call); },
              .done =
                  [this, call](const std::exception_ptr& error) {
                    const bus::Held held;  // until Answered
                    Finish(call, error);
                  },
              .deadline = call->deadline};
  const bool taken =
      call->route->rpc.command ? lanes_->ForRequest(call->once.key_hash).Submit(std::move(job)) : readers_->Submit(std::move(job));
  if (taken) return;
  call->code = Code::kUnavailable;
  call->answer = contract::ToProto(Overloaded()).SerializeAsString();
  Finish(call, nullptr);
}

CallContext ServiceCore::MakeContext(Tx* tx, const ActiveCall& call) const {
  CallContext ctx{.now = Now(), .caller = call.caller, .scope = {}, .env = *env, .expected_version = call.expected_version};
  const options::v1::Access& access = call.route->info.access;
  if (!access.callers().empty() || HasAny(call.caller, access.sees_all())) {
    ctx.scope.all = true;
    return ctx;
  }
  if (!call.caller.staff_id.empty()) ctx.scope.staff_ids.push_back(call.caller.staff_id);
  if (tx != nullptr && has_roster_ && HasAny(call.caller, access.sees_group())) {
    ctx.scope.group = GroupScope::Of(*tx, call.caller.staff_id, zone->DayOf(ctx.now));
  }
  return ctx;
}

void ServiceCore::DeclareJob(Tx& tx, const ActiveCall& call) {
  if (!call.once.key_hash.empty()) db::WantAnswer(tx, call.once.key_hash);
  if (call.route->rpc.declare) call.route->rpc.declare(tx, MakeContext(nullptr, call), *call.request);
}

bool ServiceCore::RunJob(Tx& tx, ActiveCall& call) {
  const observe::TraceScope scope(call.trace);
  const auto run = [&]() -> Result<std::string> {
    const CallContext ctx = MakeContext(&tx, call);
    tx.ExpectOneStatement();
    ASSIGN_OR_RETURN(const MessagePtr answer, call.route->rpc.run(tx, ctx, *call.request, call.preflight.get()));
    contract::ApplyMasks(answer.get());
    return answer->SerializeAsString();
  };
  Outcome outcome = RunOnce(tx, *sealer, call.once, Now(), [&] { return RunToFit(call.request.get(), run); });
  call.code = outcome.answer ? Code::kOk : outcome.answer.error().code;
  call.answer = outcome.answer ? std::move(*outcome.answer) : contract::ToProto(outcome.answer.error()).SerializeAsString();
  return outcome.commit;
}

void ServiceCore::Finish(const std::shared_ptr<ActiveCall>& call, const std::exception_ptr& failure) {
  const observe::TraceScope scope(call->trace);
  if (failure) {
    Error error{Code::kInternal, Reason::kInternal, "internal error"};
    try {
      std::rethrow_exception(failure);
    } catch (const db::DbError& database) {
      error = FromDatabase(database);
      observe::Log(observe::Level::kWarn, "request failed", {{"method", call->route->info.name()}, {"code", database.code()}});
    } catch (const std::exception& other) {
      observe::Log(observe::Level::kError, "handler threw", {{"method", call->route->info.name()}, {"what", other.what()}});
    }
    call->code = error.code;
    call->answer = contract::ToProto(error).SerializeAsString();
  }
  Reply(*call, call->code, call->answer);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - call->began).count();
  observe::ObserveSeconds("renxin_request_seconds", static_cast<double>(micros) / 1e6,
                          {{"method", call->route->info.name()}, {"code", std::to_string(static_cast<int>(call->code))}});
  observe::Log(observe::Level::kDebug, "request",
               {{"method", call->route->info.name()}, {"code", static_cast<int>(call->code)}, {"us", micros}});
  --in_flight_;
}

void ServiceCore::Reply(const ActiveCall& call, Code code, const std::string& body) {
  // Only to an inbox: a request must not make us publish where its sender may not.
  if (call.message.reply.rfind("_INBOX_", 0) != 0) return;
  if (body.size() > kAnswerMax) return ReplyError(call, AnswerTooLarge());
  connection_->Publish(call.message.reply, {{"Renxin-Code", std::to_string(static_cast<int>(code))}}, body);
}

void ServiceCore::ReplyError(const ActiveCall& call, const Error& error) {
  Reply(call, error.code, contract::ToProto(error).SerializeAsString());
}

}  // namespace renxin::runtime
