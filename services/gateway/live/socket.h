#pragma once
// One live socket: what waits to be sent, what the client may say, and the ways it ends. All on the gateway's one thread.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>
#include <memory>
#include <string>

#include "services/gateway/auth/auth.h"
#include "services/gateway/config.h"
#include "services/gateway/live/byte_stream.h"
#include "services/gateway/server/connection.h"
#include "shared/contract/live.h"

namespace renxin::gateway {

// Close codes; docs/live.md says what a client does about each.
enum class LiveClose : std::uint16_t {
  kGoingAway = 1001,  // the gateway stops
  kPolicy = 1008,     // the client said something that is not a token
  kRestart = 1012,    // events may have been missed: read again
  kTryLater = 1013,   // a new token cannot be judged at the moment
  kTooSlow = 4008,    // more than may wait were waiting
  kToken = 4401,      // the token has run out, or the new one is not good
};

class LiveSocket : public std::enable_shared_from_this<LiveSocket> {
 public:
  LiveSocket(Connection& connection, const Limits& limits, std::shared_ptr<KeySource> keys, privacy::Claims claims,
             std::uint64_t bus_epoch);

  // Answers 101; false when the client is gone.
  boost::asio::awaitable<bool> Accept(bool with_protocol);
  // Until the socket has ended. `connection` must outlive it.
  boost::asio::awaitable<void> Run();

  void Send(std::shared_ptr<const std::string> text);
  // Says why and ends; what still waits is not sent.
  void Close(LiveClose code, std::string reason);
  // Without a word: the client does not read.
  void Kill();

  const contract::LiveCaller& caller() const { return caller_; }
  const std::string& account_id() const { return claims_.account_id; }
  std::int64_t expires_at() const { return claims_.expires_at; }
  std::uint64_t bus_epoch() const { return bus_epoch_; }
  std::size_t waiting() const { return queue_.size(); }
  // How long what is being sent has been under way; zero when nothing is.
  std::chrono::steady_clock::duration sending() const;

 private:
  static boost::asio::awaitable<void> Write(std::shared_ptr<LiveSocket> self);
  boost::asio::awaitable<void> WriteAll();
  boost::asio::awaitable<void> Read();
  boost::asio::awaitable<void> OnMessage(std::string text);
  void SetClaims(privacy::Claims claims);

  Connection& connection_;
  const Limits& limits_;
  std::shared_ptr<KeySource> keys_;
  privacy::Claims claims_;
  contract::LiveCaller caller_;
  const std::uint64_t bus_epoch_;
  boost::beast::websocket::stream<ByteStream, false> ws_;
  boost::beast::flat_buffer buffer_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  boost::asio::steady_timer wake_;   // cancelled when there is something for the writer
  boost::asio::steady_timer ended_;  // cancelled when the writer has ended
  std::chrono::steady_clock::time_point sending_since_{};
  boost::beast::websocket::close_reason why_;
  bool closing_ = false;  // `why_` is still to be sent
  bool reading_ = true;   // the reader has not ended
  bool writing_ = true;   // the writer has not ended
};

}  // namespace renxin::gateway
