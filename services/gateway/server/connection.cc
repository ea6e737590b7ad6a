#include "services/gateway/server/connection.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "services/gateway/refusal.h"
#include "shared/contract/error.h"
#include "shared/http/problem.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::string_view kEndOfHead = "\r\n\r\n";

Error Malformed(std::string_view message) { return Refusal(Code::kInvalidArgument, Reason::kMalformedRequest, message); }

Error TooLarge(std::uint64_t limit) {
  return Refusal(Code::kTooLarge, Reason::kBodyTooLarge, "the body may have " + std::to_string(limit) + " bytes");
}

// A line that ends in LF alone: the head will never end, so there is no use in waiting for the rest.
bool HasBareLineFeed(std::string_view seen, std::size_t from) {
  for (auto at = seen.find('\n', from); at != std::string_view::npos; at = seen.find('\n', at + 1)) {
    if (at == 0 || seen[at - 1] != '\r') {
      return true;
    }
  }
  return false;
}

std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, asio::ssl::context& tls, const Limits& limits, const http::RuleOptions& rules)
    : stream_(std::move(socket), tls), limits_(limits), rules_(rules), buffer_(limits.header_bytes + kPieceBytes) {
  error_code gone;
  const auto endpoint = beast::get_lowest_layer(stream_).socket().remote_endpoint(gone);
  if (!gone) {
    peer_ = endpoint.address();
  }
  // Nobody sends chunk extensions on purpose; 64 KB of them are a way to be expensive.
  on_chunk_header_ = [](std::uint64_t /*size*/, beast::string_view extensions, beast::error_code& ec) {
    if (!extensions.empty()) {
      ec = beast_http::error::bad_chunk_extension;
    }
  };
}

asio::awaitable<bool> Connection::Handshake() {
  error_code ec;
  beast::get_lowest_layer(stream_).socket().set_option(asio::ip::tcp::no_delay(true), ec);
  beast::get_lowest_layer(stream_).expires_after(limits_.header_timeout);
  co_await stream_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
  broken_ = static_cast<bool>(ec);
  co_return !ec;
}

// The bytes up to and including the empty line; empty when the connection ended or the head is too long (then
// the buffer still holds it). They are read by hand because a folded line cannot be seen once it is parsed.
asio::awaitable<std::string> Connection::ReadRawHead() {
  std::size_t searched = 0;
  idle_ = buffer_.size() == 0;
  beast::get_lowest_layer(stream_).expires_after(idle_ ? limits_.idle_timeout : limits_.header_timeout);
  while (true) {
    const std::string_view seen(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    const auto end = seen.find(kEndOfHead, searched < 3 ? 0 : searched - 3);
    if (end != std::string_view::npos && end + kEndOfHead.size() <= limits_.header_bytes) {
      std::string raw(seen.substr(0, end + kEndOfHead.size()));
      buffer_.consume(raw.size());
      co_return raw;
    }
    if (seen.size() >= limits_.header_bytes || HasBareLineFeed(seen, searched)) {
      co_return "";
    }
    searched = seen.size();
    error_code ec;
    const std::size_t count = co_await stream_.async_read_some(buffer_.prepare(4096), asio::redirect_error(asio::use_awaitable, ec));
    if (ec) {
      // Half a head is worth an answer when the client has ended it; after a time-out Beast has closed the socket.
      broken_ = buffer_.size() == 0 || (ec != asio::error::eof && ec != asio::ssl::error::stream_truncated);
      co_return "";
    }
    buffer_.commit(count);
    if (idle_) {
      idle_ = false;
      started_ = std::chrono::steady_clock::now();
      beast::get_lowest_layer(stream_).expires_after(limits_.header_timeout);
    }
  }
}

asio::awaitable<bool> Connection::Refuse(Error error) {
  closing_ = true;
  co_await SendError(std::move(error));
  observe::Log(observe::Level::kInfo, "request",
               {{"method", "-"}, {"route", "-"}, {"status", last_status_}, {"ms", 0}, {"trace_id", trace_.trace_id}});
  co_return false;
}

asio::awaitable<bool> Connection::ReadHead() {
  started_ = std::chrono::steady_clock::now();
  trace_ = observe::Trace::New();
  parser_.reset();
  head_ = {};
  body_bytes_ = 0;
  continued_ = false;
  std::string raw = co_await ReadRawHead();
  idle_ = false;
  if (raw.empty()) {
    if (broken_) {
      co_return false;
    }
    co_return co_await Refuse(Malformed("the head is too long or incomplete"));
  }
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser_->body_limit(boost::none);  // the limit depends on the route and is kept by ReadPiece
  parser_->on_chunk_header(on_chunk_header_);
  error_code ec;
  parser_->put(asio::buffer(raw), ec);
  if (ec || !parser_->is_header_done()) {
    co_return co_await Refuse(Malformed("the head is no HTTP/1.1"));
  }
  Result<http::Head> head = http::CheckHead(raw, parser_->get(), rules_);
  if (!head) {
    co_return co_await Refuse(std::move(head).error());
  }
  head_ = std::move(head).value();
  trace_ = observe::Trace::FromHeader(head_.Find("traceparent"));
  fields_ = static_cast<std::size_t>(std::distance(parser_->get().begin(), parser_->get().end()));
  closing_ = closing_ || !head_.keep_alive;
  co_return true;
}

asio::awaitable<error_code> Connection::Continue() {
  error_code ec;
  if (head_.expects_continue && !continued_) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(stream_, asio::buffer(kContinue), asio::redirect_error(asio::use_awaitable, ec));
  }
  continued_ = true;
  co_return ec;
}

// Gives the parser what has come; `full` when the piece is. Done by hand because Beast alone would wait for
// more in the middle of a chunk header for as long as the client likes.
error_code Connection::ParseBuffered(bool* full) {
  error_code ec;
  while (buffer_.size() > 0 && !parser_->is_done()) {
    const std::size_t used = parser_->put(buffer_.data(), ec);
    buffer_.consume(used);
    if (ec == beast_http::error::need_buffer) {
      *full = true;
      return {};
    }
    if (ec && ec != beast_http::error::need_more) {
      return ec;
    }
    if (used == 0 || ec == beast_http::error::need_more) {
      break;
    }
  }
  // What is left can only be the beginning of a chunk header, without extensions, or of the last line.
  const std::string_view left(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  if (!parser_->is_done() && (left.size() > 32 || left.find_first_not_of("0123456789abcdefABCDEF\r\n") != std::string_view::npos)) {
    return beast_http::error::bad_chunk;
  }
  return {};
}

asio::awaitable<Result<std::string>> Connection::ReadPiece(std::uint64_t limit) {
  if (head_.content_length.value_or(0) > limit) {
    co_return TooLarge(limit);
  }
  std::string piece(std::min<std::uint64_t>(kPieceBytes, head_.content_length.value_or(kPieceBytes)), '\0');
  auto& body = parser_->get().body();
  body.data = piece.data();
  body.size = piece.size();
  body.more = true;
  beast::get_lowest_layer(stream_).expires_after(limits_.body_timeout);
  error_code ec;
  if (!parser_->is_done()) {
    ec = co_await Continue();
  }
  while (!ec && !parser_->is_done() && body.size > 0) {
    bool full = false;
    ec = ParseBuffered(&full);
    if (ec || full || parser_->is_done()) {
      break;
    }
    const std::size_t count = co_await stream_.async_read_some(buffer_.prepare(16 * 1024), asio::redirect_error(asio::use_awaitable, ec));
    buffer_.commit(count);
  }
  if (ec) {
    co_return Malformed(ec == beast::error::timeout ? "the body came too slowly" : "the body's framing is wrong");
  }
  piece.resize(piece.size() - body.size);
  body_bytes_ += piece.size();
  if (body_bytes_ > limit) {
    co_return TooLarge(limit);
  }
  if (parser_->is_done() && static_cast<std::size_t>(std::distance(parser_->get().begin(), parser_->get().end())) != fields_) {
    co_return Malformed("trailers are not taken");
  }
  co_return piece;
}

asio::awaitable<Result<std::string>> Connection::ReadBody(std::size_t limit) {
  std::string whole;
  while (!parser_->is_done()) {
    Result<std::string> piece = co_await ReadPiece(limit);
    if (!piece) {
      co_return std::move(piece).error();
    }
    whole += *piece;
  }
  co_return whole;
}

std::string Connection::HeadText(const Response& response, std::string_view framing) const {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  text += beast_http::obsolete_reason(static_cast<beast_http::status>(response.status));
  text += "\r\nDate: " + HttpDate() + "\r\n";
  text += framing;
  if (response.has_content()) {
    text += "Content-Type: " + response.content_type + "\r\n";
  }
  text += "Trace-Id: " + trace_.trace_id + "\r\n";
  text +=
      "Cache-Control: " + response.cache_control + "\r\nX-Content-Type-Options: nosniff\r\nStrict-Transport-Security: max-age=31536000\r\n";
  for (const auto& [name, value] : response.headers) {
    text += name + ": " + value + "\r\n";
  }
  text += closing_ ? "Connection: close\r\n\r\n" : "\r\n";
  return text;
}

asio::awaitable<bool> Connection::Write(std::string bytes) {
  error_code ec;
  beast::get_lowest_layer(stream_).expires_after(limits_.write_timeout);
  co_await asio::async_write(stream_, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
  broken_ = broken_ || ec;
  co_return !ec;
}

asio::awaitable<void> Connection::Send(Response response) {
  // What has not been read of the body would be taken for the next request.
  closing_ = closing_ || BodyUnread();
  last_status_ = response.status;
  const std::string framing =
      !response.has_content() ? "" : "Content-Length: " + std::to_string(response.length.value_or(response.body.size())) + "\r\n";
  std::string bytes = HeadText(response, framing);
  if (head_.method != "HEAD") {
    bytes += response.body;
  }
  co_await Write(std::move(bytes));
}

asio::awaitable<void> Connection::SendError(Error error, std::vector<std::pair<std::string, std::string>> headers) {
  Response response;
  response.status = contract::HttpStatus(error.code);
  response.content_type = http::kProblemType;
  response.body = http::ProblemBody(error, "", trace_.trace_id);
  response.headers = std::move(headers);
  if (error.retry_after_ms > 0) {
    response.headers.emplace_back("Retry-After", std::to_string((error.retry_after_ms + 999) / 1000));
  }
  if (error.code == Code::kUnauthenticated) {
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
  }
  // Bad framing leaves the two sides with different ideas of where the next request begins.
  closing_ = closing_ || error.reason == Reason::kMalformedRequest;
  co_await Send(std::move(response));
}

asio::awaitable<void> Connection::SendMethodNotAllowed(std::string methods) {
  Error refusal = Refusal(Code::kMethodNotAllowed, Reason::kUnknownRoute, "the path has no such method; it has " + methods);
  std::vector<std::pair<std::string, std::string>> headers{{"Allow", std::move(methods)}};
  co_await SendError(std::move(refusal), std::move(headers));
}

asio::awaitable<bool> Connection::BeginStream(Response head) {
  closing_ = closing_ || BodyUnread();
  last_status_ = head.status;
  stream_chunked_ = head_.http_1_1 && !head.length;
  std::string framing = stream_chunked_ ? "Transfer-Encoding: chunked\r\n" : "";
  if (head.length) {
    framing = "Content-Length: " + std::to_string(*head.length) + "\r\n";
  }
  co_return co_await Write(HeadText(head, framing));
}

asio::awaitable<bool> Connection::SendStreamPiece(std::string piece) {
  if (piece.empty()) {
    co_return true;  // an empty chunk would be the end
  }
  if (stream_chunked_) {
    std::array<char, 20> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
    piece.insert(0, size.data());
    piece += "\r\n";
  }
  co_return co_await Write(std::move(piece));
}

asio::awaitable<bool> Connection::EndStream() {
  if (!stream_chunked_) {
    co_return true;
  }
  co_return co_await Write("0\r\n\r\n");
}

void Connection::Drain() {
  closing_ = true;
  if (idle_) {
    beast::get_lowest_layer(stream_).cancel();
  }
}

asio::awaitable<void> Connection::Close() {
  auto& tcp = beast::get_lowest_layer(stream_);
  error_code ec;
  if (!broken_) {
    tcp.expires_after(std::chrono::seconds(1));
    co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
    tcp.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ec);
    // A reset while bytes are under way would take the answer from the client's buffer: read them away.
    tcp.expires_after(std::chrono::seconds(2));
    std::string waste(kPieceBytes, '\0');
    for (int pieces = 0; pieces < 1024 && !ec; ++pieces) {
      co_await tcp.async_read_some(asio::buffer(waste), asio::redirect_error(asio::use_awaitable, ec));
    }
  }
  tcp.socket().close(ec);
}

}  // namespace renxin::gateway
