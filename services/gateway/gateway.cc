#include "services/gateway/gateway.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <google/protobuf/message.h>
#include <algorithm>
#include <charconv>

#include "services/gateway/condition/condition.h"
#include "services/gateway/console/console.h"
#include "services/gateway/explorer/explorer.h"
#include "services/gateway/openapi/openapi.h"
#include "services/gateway/refusal.h"
#include "services/gateway/session_cookie/session_cookie.h"
#include "shared/contract/validate.h"
#include "shared/core/text.h"
#include "shared/http/problem.h"
#include "shared/http/query.h"
#include "shared/observe/metrics.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr std::string_view kProblemPath = "/problems/";
constexpr std::string_view kLivePath = "/v1/live";
constexpr std::size_t kMaxPayload = 256 * 1024;

// Deadline of a request: ours, or the client's when it is shorter.
Result<std::chrono::milliseconds> TimeoutOf(const http::Head& head, const Limits& limits) {
  const auto text = head.Find("renxin-timeout-ms");
  if (text.empty()) {
    return limits.request_timeout;
  }
  std::int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc{} || end != text.data() + text.size() || ms <= 0) {
    return InvalidField("Renxin-Timeout-Ms", "gte", "must be a positive number of milliseconds");
  }
  return std::min(limits.request_timeout, std::chrono::milliseconds(std::min<std::int64_t>(ms, 86'400'000)));
}

// The client's key for what may change something, or one of ours so that a redelivery on the bus acts once.
Result<std::string> KeyOf(const http::Head& head) {
  if (head.method == "GET") {
    return std::string();
  }
  const auto key = head.Find("idempotency-key");
  if (key.empty()) {
    return "gw-" + NewId();
  }
  if (key.size() > 255 || !std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
    return InvalidField("Idempotency-Key", "format", "must be 1 to 255 visible ASCII characters");
  }
  return std::string(key);
}

void LogRequest(const Connection& connection, const std::string& route) {
  const auto spent = steady_clock::now() - connection.started();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(spent).count();
  observe::Log(observe::Level::kInfo, "request",
               {{"method", connection.head().method},
                {"route", route},
                {"status", connection.last_status()},
                {"ms", ms},
                {"trace_id", connection.trace().trace_id}});
  observe::Count("renxin_http_requests_total",
                 {{"method", connection.head().method}, {"route", route}, {"status", std::to_string(connection.last_status())}});
  observe::ObserveSeconds("renxin_http_request_seconds", std::chrono::duration<double>(spent).count(), {{"route", route}});
}

}  // namespace

Gateway::Gateway(asio::io_context& context, const Config& config, const contract::DescriptorSet& set, std::shared_ptr<bus::Connection> bus)
    : limits_(config.limits),
      throttle_(config.throttle),
      routes_(set),
      transcoder_(set),
      bus_(std::move(bus)),
      context_(context),
      keys_(std::make_shared<KeySource>(context.get_executor(), bus_, routes_.SigningKeys(), &transcoder_)),
      live_(std::make_shared<LiveHub>(context, limits_, set, bus_, keys_)),
      openapi_(OpenApiDocument(routes_)) {}

void Gateway::Start() {
  asio::co_spawn(context_, KeySource::Run(keys_), asio::detached);
  live_->Start();
}

void Gateway::Stop() {
  stopping_ = true;
  keys_->Stop();
  live_->Stop();
}

// The request is over with the 101, and logged as one; the socket may stay open for hours.
asio::awaitable<void> Gateway::AnswerLive(Connection& connection, std::shared_ptr<LiveSocket>* socket) {
  if (connection.head().method == "GET") {
    *socket = co_await live_->Open(connection);
  } else {
    co_await connection.SendMethodNotAllowed("GET");
  }
}

asio::awaitable<void> Gateway::Handle(Connection& connection) {
  std::string route = "-";
  std::shared_ptr<LiveSocket> socket;
  bool failed = false;
  try {
    if (connection.head().path == kLivePath) {
      route = kLivePath;
      co_await AnswerLive(connection, &socket);
    } else {
      co_await Answer(connection, &route);
    }
  } catch (const std::exception& failure) {
    failed = true;
    observe::Log(observe::Level::kError, "a request failed",
                 {{"route", route}, {"what", failure.what()}, {"trace_id", connection.trace().trace_id}});
  }
  if (failed) {
    co_await connection.SendError(Refusal(Code::kInternal, Reason::kInternal, "something went wrong on our side"));
  }
  LogRequest(connection, route);
  if (socket) {
    co_await live_->Serve(std::move(socket));
  }
}

asio::awaitable<void> Gateway::Answer(Connection& connection, std::string* route) {
  const http::Head& head = connection.head();
  if (head.path == "/openapi.json" || head.path.starts_with(kProblemPath)) {
    co_await AnswerPage(connection, route);
    co_return;
  }
  if (explorer::Owns(head.path)) {
    *route = "/docs";
    co_await explorer::Answer(connection);
    co_return;
  }
  if (console::Owns(head.path)) {
    *route = "/c";
    co_await console::Answer(connection);
    co_return;
  }
  std::string allow;
  Result<Routes::Found> found = routes_.Find(head.method, head.path, &allow);
  if (!found) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!allow.empty()) {
      headers.emplace_back("Allow", allow);
    }
    co_await connection.SendError(std::move(found).error(), std::move(headers));
    co_return;
  }
  *route = found->endpoint->path_template;
  co_await AnswerRpc(connection, std::move(found).value());
}

asio::awaitable<void> Gateway::AnswerPage(Connection& connection, std::string* route) {
  const http::Head& head = connection.head();
  const bool openapi = head.path == "/openapi.json";
  *route = openapi ? head.path : "/problems/{reason}";
  Response response;
  response.content_type = openapi ? "application/json" : "text/plain; charset=utf-8";
  response.body = openapi ? openapi_ : http::ProblemPage(std::string_view(head.path).substr(kProblemPath.size()));
  if (head.method != "GET" && head.method != "HEAD") {
    co_await connection.SendMethodNotAllowed("GET, HEAD");
  } else if (response.body.empty()) {
    co_await connection.SendError(Refusal(Code::kNotFound, Reason::kUnknownRoute, "there is no such page"));
  } else {
    co_await connection.Send(std::move(response));
  }
}

asio::awaitable<Result<std::string>> Gateway::Principal(const Endpoint& endpoint, std::string authorization) {
  if (endpoint.anonymous()) {
    co_return std::string();
  }
  const Result<std::shared_ptr<const Verified>> caller = co_await keys_->Authenticate(std::move(authorization));
  if (!caller) {
    co_return caller.error();
  }
  const Status allowed = CheckRoles(endpoint.info().access, (*caller)->claims);
  if (!allowed) {
    co_return allowed.error();
  }
  co_return (*caller)->principal;
}

asio::awaitable<void> Gateway::AnswerRpc(Connection& connection, Routes::Found found) {
  Status admitted = throttle_.Admit(*found.endpoint, connection.peer(), connection.head().Find("x-forwarded-for"));
  if (!admitted) {
    co_await connection.SendError(std::move(admitted).error());
    co_return;
  }
  const Result<std::chrono::milliseconds> timeout = TimeoutOf(connection.head(), limits_);
  Result<std::string> key = KeyOf(connection.head());
  Result<std::string> if_match = IfMatchOf(connection.head(), found.endpoint->info().http.if_match());
  if (!timeout || !key || !if_match) {
    Error error = !timeout ? timeout.error() : !key ? key.error() : if_match.error();
    co_await connection.SendError(std::move(error));
    co_return;
  }
  Result<std::string> principal = co_await Principal(*found.endpoint, std::string(connection.head().Find("authorization")));
  if (!principal) {
    co_await connection.SendError(std::move(principal).error());
    co_return;
  }
  Request request{connection,
                  *found.endpoint,
                  std::move(found.variables),
                  std::move(principal).value(),
                  std::move(key).value(),
                  std::move(if_match).value(),
                  connection.started() + *timeout};
  const auto& rule = request.endpoint.info().http;
  if (rule.has_upload()) {
    co_await Upload(request);
  } else if (rule.has_download()) {
    co_await Download(request);
  } else {
    co_await Forward(request);
  }
}

// Body, path and query as one message that keeps the contract's rules.
asio::awaitable<Result<MessagePtr>> Gateway::ReadMessage(Request& request) {
  const http::Head& head = request.connection.head();
  if (head.HasBody() && !http::IsJsonType(head.Find("content-type"))) {
    co_return Refusal(Code::kUnsupportedMedia, Reason::kWrongMediaType, "the body must be application/json");
  }
  const Result<std::string> body = co_await request.connection.ReadBody(limits_.json_bytes);
  if (!body) {
    co_return body.error();
  }
  Result<Pairs> query = http::ParseQuery(head.query);
  if (!query) {
    co_return std::move(query).error();
  }
  const bool takes_query = head.method == "GET" || head.method == "DELETE";
  if (!takes_query && !query->empty()) {
    co_return InvalidField("?", "unknown", "this method takes no query: everything stands in the body");
  }
  Result<MessagePtr> message = transcoder_.FromJson(request.endpoint.input(), *body);
  if (!message) {
    co_return message;
  }
  if (Status status = transcoder_.ApplyFields(message->get(), *query); !status) {
    co_return std::move(status).error();
  }
  if (Status status = transcoder_.ApplyPath(message->get(), request.variables); !status) {
    co_return std::move(status).error();
  }
  if (request.endpoint.anonymous()) {
    RefreshTokenFromCookie(head, message->get());
  }
  contract::TrimTexts(message->get());
  if (auto error = contract::ValidationError(**message)) {
    co_return std::move(*error);
  }
  co_return message;
}

asio::awaitable<Result<std::string>> Gateway::SendFor(Request& request, const contract::MethodInfo& method, std::string body,
                                                      std::string key) {
  if (body.size() > kMaxPayload) {
    co_return Refusal(Code::kTooLarge, Reason::kBodyTooLarge, "the request is too large");
  }
  Call call;
  call.subject = contract::RpcSubject(method);
  call.body = std::move(body);
  call.principal = request.principal;
  call.traceparent = request.connection.trace().ToHeader();
  call.idempotency_key = std::move(key);
  call.if_match = request.if_match;
  call.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(request.deadline - steady_clock::now());
  co_return co_await Send(bus_, std::move(call));
}

std::optional<std::string> Gateway::CookieFor(const Request& request, const google::protobuf::Descriptor* type, std::string* bytes) {
  const MessagePtr reply = transcoder_.New(type);
  if (!reply->ParseFromString(*bytes)) {
    return std::nullopt;  // said by who reads it next
  }
  auto cookie = RefreshTokenToCookie(request.connection.head(), request.endpoint.input(), reply.get());
  if (cookie) {
    *bytes = reply->SerializeAsString();
  }
  return cookie;
}

asio::awaitable<void> Gateway::Reply(Request& request, const google::protobuf::Descriptor* type, std::string bytes) {
  Response response;
  const int status = request.endpoint.info().http.success_status();
  response.status = status == 0 ? 200 : status;
  if (request.endpoint.anonymous()) {
    if (auto cookie = CookieFor(request, type, &bytes)) {
      response.headers.emplace_back("Set-Cookie", std::move(*cookie));
    }
  }
  std::int64_t version = 0;
  if (response.status != 204) {
    response.body = transcoder_.ToJson(type, bytes, &version);
  }
  if (version > 0 && request.endpoint.method == "GET") {
    const std::string tag = EntityTag(version);
    response.headers.emplace_back("ETag", tag);
    if (NamedByIfNoneMatch(request.connection.head(), tag)) {
      response.status = 304;
      response.body.clear();
    }
  }
  co_await request.connection.Send(std::move(response));
}

asio::awaitable<void> Gateway::Forward(Request& request) {
  Result<MessagePtr> message = co_await ReadMessage(request);
  if (!message) {
    co_await request.connection.SendError(std::move(message).error());
    co_return;
  }
  Status admitted = throttle_.AdmitAttempt(request.endpoint, **message, request.connection.peer(),
                                           request.connection.head().Find("x-forwarded-for"));
  if (!admitted) {
    co_await request.connection.SendError(std::move(admitted).error());
    co_return;
  }
  const Result<const contract::MethodInfo*> method = request.endpoint.Select(**message);
  if (!method) {
    co_await request.connection.SendError(method.error());
    co_return;
  }
  Result<std::string> reply = co_await SendFor(request, **method, (*message)->SerializeAsString(), request.idempotency_key);
  if (!reply) {
    co_await request.connection.SendError(std::move(reply).error());
    co_return;
  }
  co_await Reply(request, request.endpoint.output(), std::move(reply).value());
}

}  // namespace renxin::gateway
