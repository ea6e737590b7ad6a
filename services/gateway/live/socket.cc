#include "services/gateway/live/socket.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "services/gateway/live/event.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::size_t kMessageMax = 8 * 1024;

// For the closing handshake and the end of TLS after it; a client that is gone answers neither.
constexpr std::chrono::seconds kCloseTimeout{3};

// Beast pings after half of the idle time without a word from the client, and ends the socket after the whole of it.
websocket::stream_base::timeout Timeouts(const Limits& limits) {
  websocket::stream_base::timeout timeouts{};
  timeouts.handshake_timeout = kCloseTimeout;
  timeouts.idle_timeout = 2 * limits.live_ping;
  timeouts.keep_alive_pings = true;
  return timeouts;
}

}  // namespace

LiveSocket::LiveSocket(Connection& connection, const Limits& limits, std::shared_ptr<KeySource> keys, privacy::Claims claims,
                       std::uint64_t bus_epoch)
    : connection_(connection),
      limits_(limits),
      keys_(std::move(keys)),
      bus_epoch_(bus_epoch),
      ws_(connection),
      buffer_(kMessageMax),
      wake_(ws_.get_executor()),
      ended_(ws_.get_executor()) {
  SetClaims(std::move(claims));
  wake_.expires_at(steady_clock::time_point::max());
  ended_.expires_at(steady_clock::time_point::max());
}

void LiveSocket::SetClaims(privacy::Claims claims) {
  claims_ = std::move(claims);
  caller_.staff_id = claims_.staff_id;
  caller_.roles = claims_.roles;
}

asio::awaitable<bool> LiveSocket::Accept(bool with_protocol) {
  beast::get_lowest_layer(connection_.stream()).expires_never();  // the socket's own limits hold from here on
  ws_.set_option(Timeouts(limits_));
  ws_.read_message_max(kMessageMax);
  ws_.auto_fragment(false);
  ws_.text(true);
  const std::string trace_id = connection_.trace().trace_id;
  ws_.set_option(websocket::stream_base::decorator([with_protocol, trace_id](websocket::response_type& response) {
    response.set(beast::http::field::server, "renxin");
    response.set("Trace-Id", trace_id);
    response.set(beast::http::field::cache_control, "no-store");
    if (with_protocol) {
      response.set(beast::http::field::sec_websocket_protocol, "renxin.v1");
    }
  }));
  error_code ec;
  co_await ws_.async_accept(connection_.parsed(), asio::redirect_error(asio::use_awaitable, ec));
  connection_.Upgraded();
  co_return !ec;
}

steady_clock::duration LiveSocket::sending() const {
  return sending_since_ == steady_clock::time_point{} ? steady_clock::duration::zero() : steady_clock::now() - sending_since_;
}

void LiveSocket::Send(std::shared_ptr<const std::string> text) {
  if (closing_) {
    return;
  }
  if (queue_.size() >= limits_.live_waiting) {
    Close(LiveClose::kTooSlow, "too slow: " + std::to_string(queue_.size()) + " events are waiting");
    return;
  }
  queue_.push_back(std::move(text));
  wake_.cancel();
}

void LiveSocket::Close(LiveClose code, std::string reason) {
  if (closing_) {
    return;
  }
  closing_ = true;
  why_.code = static_cast<std::uint16_t>(code);
  why_.reason = reason;
  if (!queue_.empty()) {
    observe::Count("renxin_live_events_dropped_total", {}, queue_.size());
  }
  observe::Count("renxin_live_sockets_closed_total", {{"code", std::to_string(why_.code)}});
  queue_.clear();
  wake_.cancel();
}

void LiveSocket::Kill() {
  observe::Count("renxin_live_sockets_closed_total", {{"code", "0"}});
  beast::get_lowest_layer(connection_.stream()).close();
}

asio::awaitable<void> LiveSocket::Run() {
  asio::co_spawn(ws_.get_executor(), Write(shared_from_this()), asio::detached);
  try {
    co_await Read();
  } catch (const std::exception& failure) {
    // The writer still works on the same stream: it is waited for below, whatever happened here.
    observe::Log(observe::Level::kError, "a live socket failed", {{"what", failure.what()}});
    closing_ = false;
  }
  reading_ = false;
  wake_.cancel();
  if (!closing_) {
    // The client has ended it, or broke the rules, which Beast has answered: nothing more can be sent.
    beast::get_lowest_layer(connection_.stream()).close();
  }
  while (writing_) {
    error_code ec;
    co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
}

asio::awaitable<void> LiveSocket::Write(std::shared_ptr<LiveSocket> self) {
  try {
    co_await self->WriteAll();
  } catch (const std::exception& failure) {
    observe::Log(observe::Level::kError, "a live socket failed", {{"what", failure.what()}});
    self->Kill();
  }
  self->writing_ = false;
  self->ended_.cancel();
}

asio::awaitable<void> LiveSocket::WriteAll() {
  error_code ec;
  while (reading_ && !closing_) {
    if (queue_.empty()) {
      co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      continue;
    }
    const std::shared_ptr<const std::string> text = std::move(queue_.front());
    queue_.pop_front();
    sending_since_ = steady_clock::now();
    co_await ws_.async_write(asio::buffer(*text), asio::redirect_error(asio::use_awaitable, ec));
    sending_since_ = {};
    if (ec) {
      // A reader that waits would hear of it only when the pings have failed.
      beast::get_lowest_layer(connection_.stream()).close();
      co_return;
    }
    observe::Count("renxin_live_events_sent_total");
  }
  if (closing_ && reading_) {
    sending_since_ = steady_clock::now();
    co_await ws_.async_close(why_, asio::redirect_error(asio::use_awaitable, ec));
    sending_since_ = {};
  }
}

asio::awaitable<void> LiveSocket::Read() {
  error_code ec;
  while (true) {
    co_await ws_.async_read(buffer_, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) {
      co_return;
    }
    std::string text(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    buffer_.consume(buffer_.size());
    if (closing_) {
      continue;  // only the client's own close is still of interest
    }
    if (ws_.got_text()) {
      co_await OnMessage(std::move(text));
    } else {
      Close(LiveClose::kPolicy, "binary messages are not taken");
    }
  }
}

asio::awaitable<void> LiveSocket::OnMessage(std::string text) {
  const std::string token = TokenOf(text);
  if (token.empty()) {
    Close(LiveClose::kPolicy, "only {\"token\":\"...\"} is taken");
    co_return;
  }
  std::string authorization = "Bearer " + token;
  const Result<std::shared_ptr<const Verified>> caller = co_await keys_->Authenticate(std::move(authorization));
  if (!caller) {
    const bool later = caller.error().code == Code::kUnavailable;
    Close(later ? LiveClose::kTryLater : LiveClose::kToken, later ? "tokens cannot be checked at the moment" : "the new token is not good");
  } else if ((*caller)->claims.account_id != claims_.account_id) {
    Close(LiveClose::kToken, "the new token is another account's");
  } else {
    SetClaims((*caller)->claims);
  }
}

}  // namespace renxin::gateway
