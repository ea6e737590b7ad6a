#pragma once
// One TLS connection and the requests that come over it, one after the other. Beast parses; the rules of
// shared/http decide what is let in; answers are written as they are, without Beast.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/gateway/config.h"
#include "shared/core/result.h"
#include "shared/http/rules.h"
#include "shared/observe/log.h"

namespace renxin::gateway {

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string cache_control = "no-store";
  // What Content-Length says where the body is not in here: of an answer to HEAD, or of a stream whose length is known.
  std::optional<std::uint64_t> length{};

  bool has_content() const { return status != 204 && status != 304; }
};

class Connection {
 public:
  Connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls, const Limits& limits, const http::RuleOptions& rules);

  boost::asio::awaitable<bool> Handshake();
  // The next request's head. False when the connection has ended or was refused; a refusal is answered here.
  boost::asio::awaitable<bool> ReadHead();
  const http::Head& head() const { return head_; }
  // Who is at the other end of the socket.
  const boost::asio::ip::address& peer() const { return peer_; }
  const observe::Trace& trace() const { return trace_; }
  std::chrono::steady_clock::time_point started() const { return started_; }

  // The whole body. kTooLarge beyond `limit` bytes, kMalformedRequest for bad framing, trailers or a client that
  // is too slow.
  boost::asio::awaitable<Result<std::string>> ReadBody(std::size_t limit);
  // Up to 64 KiB of the body; empty at its end.
  boost::asio::awaitable<Result<std::string>> ReadPiece(std::uint64_t limit);

  boost::asio::awaitable<void> Send(Response response);
  boost::asio::awaitable<void> SendError(Error error, std::vector<std::pair<std::string, std::string>> headers = {});
  // 405: the path is there, this method of it is not. `methods` as Allow says them: "GET, HEAD".
  boost::asio::awaitable<void> SendMethodNotAllowed(std::string methods);
  // A body of unknown length: Begin, any number of pieces, End. False when the client is gone.
  boost::asio::awaitable<bool> BeginStream(Response head);
  boost::asio::awaitable<bool> SendStreamPiece(std::string piece);
  boost::asio::awaitable<bool> EndStream();
  // The answer cannot be completed: no end is written, so that the client sees it.
  void Abort() { broken_ = true; }

  // For who takes the connection over (a WebSocket): the stream, the head as Beast read it, and whether more has come
  // than the head. After Upgraded() no request follows.
  boost::beast::ssl_stream<boost::beast::tcp_stream>& stream() { return stream_; }
  const boost::beast::http::request<boost::beast::http::buffer_body>& parsed() const { return parser_->get(); }
  bool has_more() const { return buffer_.size() > 0; }
  void Upgraded() {
    last_status_ = 101;
    broken_ = true;
  }

  // Whether another request may follow on this connection.
  bool reusable() const { return !broken_ && !closing_; }
  int last_status() const { return last_status_; }
  bool idle() const { return idle_; }
  // Ends it when no request is being carried out, else after that one.
  void Drain();
  // Says goodbye in a way that does not take the last answer away from a client that is still sending.
  boost::asio::awaitable<void> Close();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

  boost::asio::awaitable<std::string> ReadRawHead();
  boost::asio::awaitable<bool> Refuse(Error error);
  boost::asio::awaitable<bool> Write(std::string bytes);
  boost::asio::awaitable<boost::system::error_code> Continue();
  boost::system::error_code ParseBuffered(bool* full);
  std::string HeadText(const Response& response, std::string_view framing) const;
  bool BodyUnread() const { return parser_.has_value() && !parser_->is_done(); }

  boost::beast::ssl_stream<boost::beast::tcp_stream> stream_;
  const Limits& limits_;
  const http::RuleOptions& rules_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::function<void(std::uint64_t, boost::beast::string_view, boost::beast::error_code&)> on_chunk_header_;
  http::Head head_;
  boost::asio::ip::address peer_;
  observe::Trace trace_;
  std::chrono::steady_clock::time_point started_{};
  std::uint64_t body_bytes_ = 0;
  std::size_t fields_ = 0;
  int last_status_ = 0;
  bool idle_ = false;
  bool broken_ = false;   // nothing more can be said
  bool closing_ = false;  // this answer is the last
  bool continued_ = false;
  bool stream_chunked_ = true;
};

}  // namespace renxin::gateway
