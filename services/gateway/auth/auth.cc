#include "services/gateway/auth/auth.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "services/gateway/refusal.h"
#include "services/gateway/upstream/upstream.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kRefreshEvery{30};
constexpr std::chrono::seconds kRetryEvery{1};
// Short enough that a caller hears 503 within a second.
constexpr std::chrono::milliseconds kFetchTimeout{800};

Error Refuse(Reason reason, std::string_view message) { return Refusal(Code::kUnauthenticated, reason, message); }

}  // namespace

KeySource::KeySource(asio::any_io_executor executor, std::shared_ptr<bus::Connection> bus, contract::MethodInfo method,
                     Transcoder* transcoder)
    : executor_(executor),
      bus_(std::move(bus)),
      method_(std::move(method)),
      transcoder_(transcoder),
      sleep_(executor),
      fetched_(executor) {}

bool KeySource::Accept(const std::string& reply) {
  const auto message = transcoder_->New(method_.descriptor->output_type());
  const auto* list = method_.descriptor->output_type()->FindFieldByName("keys");
  if (!message->ParseFromString(reply) || list == nullptr || !list->is_repeated() || list->message_type() == nullptr) {
    return false;
  }
  const auto* kid = list->message_type()->FindFieldByName("kid");
  const auto* public_key = list->message_type()->FindFieldByName("public_key");
  if (kid == nullptr || public_key == nullptr) {
    return false;
  }
  std::vector<std::pair<std::string, std::string>> keys;
  for (int i = 0; i < message->GetReflection()->FieldSize(*message, list); ++i) {
    const auto& key = message->GetReflection()->GetRepeatedMessage(*message, list, i);
    const auto* reflection = key.GetReflection();
    keys.emplace_back(reflection->GetString(key, kid), reflection->GetString(key, public_key));
  }
  const std::size_t unreadable = keys_.Learn(keys, steady_clock::now());
  if (unreadable > 0) observe::Log(observe::Level::kWarn, "signing keys are unreadable and left out", {{"count", unreadable}});
  return unreadable < keys.size();
}

asio::awaitable<void> KeySource::FetchOnce() {
  fetching_ = true;
  fetched_.expires_at(steady_clock::time_point::max());
  last_try_ = steady_clock::now();
  Call call;
  call.subject = contract::SubjectOf(method_);
  call.traceparent = observe::Trace::New().ToHeader();
  call.timeout = kFetchTimeout;
  const Result<std::string> reply = co_await Send(bus_, std::move(call));
  last_ok_ = reply.ok() && Accept(*reply);
  fetching_ = false;
  fetched_.cancel();
}

asio::awaitable<void> KeySource::Refresh() {
  if (fetching_) {
    boost::system::error_code ec;
    co_await fetched_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    co_return;
  }
  if (steady_clock::now() - last_try_ >= kRetryEvery || last_try_ == steady_clock::time_point{}) {
    co_await FetchOnce();
  }
}

asio::awaitable<void> KeySource::Run(std::shared_ptr<KeySource> self) {
  while (!self->stopped_) {
    co_await self->Refresh();
    if (self->stopped_) {
      break;
    }
    self->sleep_.expires_after(self->last_ok_ ? kRefreshEvery : kRetryEvery);
    boost::system::error_code ec;
    co_await self->sleep_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
}

void KeySource::Stop() {
  stopped_ = true;
  sleep_.cancel();
}

asio::awaitable<Result<std::shared_ptr<const Verified>>> KeySource::Authenticate(std::string authorization) {
  if (authorization.empty()) {
    co_return Refuse(Reason::kNoToken, "a bearer token is needed");
  }
  if (ToLowerAscii(std::string_view(authorization).substr(0, 7)) != "bearer ") {
    co_return Refuse(Reason::kBadToken, "the authorization is no bearer token");
  }
  const std::string token = authorization.substr(7);
  const std::string kid = privacy::TokenKeyId(token);
  if (!kid.empty() && keys_.ring().Find(kid) == nullptr) {
    co_await Refresh();
    if (keys_.ring().Find(kid) == nullptr && !last_ok_) {
      // Whether the key is ours cannot be known now; a client should not throw its token away.
      co_return Refusal(Code::kUnavailable, Reason::kServiceUnavailable, "tokens cannot be checked at the moment", 1000);
    }
  }
  co_return verified_.Verify(token, keys_.ring(), SystemNow());
}

Status CheckRoles(const options::v1::Access& access, const privacy::Claims& claims) {
  for (const auto& role : access.roles()) {
    if (role == "*" || std::find(claims.roles.begin(), claims.roles.end(), role) != claims.roles.end()) {
      return Ok{};
    }
  }
  return Refusal(Code::kPermissionDenied, Reason::kRoleMissing, "none of your roles may do this");
}

}  // namespace renxin::gateway
