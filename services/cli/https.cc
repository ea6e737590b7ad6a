#include "services/cli/https.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <fstream>

#include "services/cli/exit_code.h"

namespace renxin::cli {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Parser = http::response_parser<http::string_body>;

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::uint64_t kReplyMax = 256 * 1024 * 1024;

bool IsAddress(const std::string& host) {
  error_code ec;
  asio::ip::make_address(host, ec);
  return !ec;
}

std::string Head(const HttpRequest& request, const Address& address) {
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\nHost: " + address.host + ":" + address.port +
                     "\r\nUser-Agent: renxin\r\nAccept: application/json\r\n";
  for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
  const std::uint64_t size = request.file ? request.file->size() : request.body.size();
  if (size > 0 || request.method != "GET") head += "Content-Length: " + std::to_string(size) + "\r\n";
  return head + "\r\n";
}

HttpReply ToReply(Parser& parser) {
  auto message = parser.release();
  HttpReply reply{.status = static_cast<int>(message.result_int()), .body = std::move(message.body())};
  const auto wait = message[http::field::retry_after];
  int seconds = 0;
  if (std::from_chars(wait.data(), wait.data() + wait.size(), seconds).ec == std::errc{} && seconds >= 0)
    reply.retry_after_seconds = seconds;
  return reply;
}

}  // namespace

Address ParseUrl(const std::string& url) {
  constexpr std::string_view kScheme = "https://";
  if (url.rfind(kScheme, 0) != 0) throw CliError(Exit::kUsage, "--url must begin with https://: " + url);
  std::string rest = url.substr(kScheme.size());
  while (!rest.empty() && rest.back() == '/') rest.pop_back();
  Address address{rest, "443"};
  const auto colon = rest.rfind(':');
  const auto bracket = rest.rfind(']');
  if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket))
    address = {rest.substr(0, colon), rest.substr(colon + 1)};
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']')
    address.host = address.host.substr(1, address.host.size() - 2);
  int port = 0;
  const auto [end, error] = std::from_chars(address.port.data(), address.port.data() + address.port.size(), port);
  const bool number = error == std::errc{} && end == address.port.data() + address.port.size() && port > 0 && port < 65'536;
  if (address.host.empty() || !number || address.host.find_first_of("/?#@ \r\n") != std::string::npos) {
    throw CliError(Exit::kUsage, "--url is no https://host:port: " + url);
  }
  return address;
}

// Asynchronous inside, because only that has deadlines; every function here returns when its work is done.
class Https::Connection {
 private:
  // What a handler writes to. It ends before its frame does, by closing the connection if need be.
  struct Operation {
    explicit Operation(Connection& connection) : owner(connection) {}
    ~Operation() {
      if (!done) owner.Abort();
    }
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    auto Handler() {
      return [this](error_code ec, auto&&...) {
        done = true;
        error = ec;
      };
    }
    Connection& owner;
    bool done = false;
    error_code error;
  };

 public:
  Connection(const Address& address, const std::string& ca_file) : tls_(asio::ssl::context::tls_client), stream_(io_, tls_) {
    error_code ec;
    tls_.set_verify_mode(asio::ssl::verify_peer);
    if (ca_file.empty()) {
      tls_.set_default_verify_paths(ec);
    } else {
      tls_.load_verify_file(ca_file, ec);
    }
    if (ec) throw TransportError("the certificate authority " + ca_file + " cannot be read: " + ec.message(), true);
    SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
    stream_.set_verify_callback(asio::ssl::host_name_verification(address.host));
    if (!IsAddress(address.host)) SSL_set_tlsext_host_name(stream_.native_handle(), address.host.c_str());
    Open(address);
  }

  HttpReply Exchange(const HttpRequest& request, const Address& address) {
    Parser parser;
    parser.body_limit(kReplyMax);
    // The answer is awaited while the request still leaves: a refusal may come before the last byte of a file.
    Operation reading(*this);
    http::async_read(stream_, buffer_, parser, reading.Handler());
    try {
      Write(Head(request, address), reading);
      if (request.file) {
        WriteFile(*request.file, request.progress, reading);
      } else {
        Write(request.body, reading);
      }
    } catch (const TransportError&) {
      // Refused and closed: the reason may have arrived all the same.
      usable_ = false;
      RunFor(reading, std::chrono::milliseconds(500));
      if (!reading.done || reading.error) throw;
    }
    RunFor(reading, kIdleTimeout);
    if (!reading.done) throw TransportError("no answer within " + std::to_string(kIdleTimeout.count()) + " s", false);
    if (reading.error) throw TransportError("the connection broke: " + reading.error.message(), false);
    usable_ = usable_ && parser.get().keep_alive() && written_all_;
    return ToReply(parser);
  }

  bool usable() const { return usable_; }

 private:
  // Runs until it is done or time is over.
  void RunFor(const Operation& operation, Clock::duration limit) {
    const auto end = Clock::now() + limit;
    io_.restart();
    while (!operation.done && io_.run_one_until(end) > 0) {
    }
  }

  void Abort() {
    usable_ = false;
    error_code ignored;
    stream_.next_layer().close(ignored);
    resolver_.cancel();
    io_.restart();
    io_.run();  // everything under way ends with `aborted`
  }

  static void Expect(const Operation& operation, const std::string& what) {
    if (operation.done && !operation.error) return;
    throw TransportError(what + ": " + (operation.done ? operation.error.message() : "no answer in time"), false);
  }

  void Open(const Address& address) {
    const std::string where = address.host + ":" + address.port;
    tcp::resolver::results_type found;
    {
      Operation resolving(*this);
      resolver_.async_resolve(address.host, address.port, [&](error_code ec, tcp::resolver::results_type results) {
        found = std::move(results);
        resolving.Handler()(ec);
      });
      RunFor(resolving, kConnectTimeout);
      Expect(resolving, where + " is not known");
    }
    {
      Operation connecting(*this);
      asio::async_connect(stream_.next_layer(), found, connecting.Handler());
      RunFor(connecting, kConnectTimeout);
      Expect(connecting, "no connection to " + where);
    }
    error_code ignored;
    stream_.next_layer().set_option(tcp::no_delay(true), ignored);
    Operation shaking(*this);
    stream_.async_handshake(asio::ssl::stream_base::client, shaking.Handler());
    RunFor(shaking, kConnectTimeout);
    if (const long verdict = SSL_get_verify_result(stream_.native_handle()); verdict != X509_V_OK) {
      throw TransportError("no TLS with " + where + ": " + X509_verify_cert_error_string(verdict), true);
    }
    Expect(shaking, "no TLS with " + where);
  }

  // Sends these bytes, unless the answer is there already.
  void Write(std::string_view bytes, const Operation& reading) {
    if (bytes.empty()) return;
    if (reading.done) {
      written_all_ = false;
      return;
    }
    Operation writing(*this);
    asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()), writing.Handler());
    RunFor(writing, kIdleTimeout);
    Expect(writing, "the connection broke");
  }

  void WriteFile(const FileBody& body, const std::function<void(std::uint64_t, std::uint64_t)>& progress, const Operation& reading) {
    std::ifstream file(body.path, std::ios::binary);
    if (!file) throw CliError(Exit::kFailed, body.path.string() + " cannot be read");
    Write(body.head, reading);
    std::string piece(kPiece, '\0');
    for (std::uint64_t sent = 0; sent < body.file_size && !reading.done;) {
      const auto wanted = static_cast<std::streamsize>(std::min<std::uint64_t>(kPiece, body.file_size - sent));
      file.read(piece.data(), wanted);
      if (file.gcount() != wanted) throw CliError(Exit::kFailed, body.path.string() + " became shorter while it was sent");
      Write({piece.data(), static_cast<std::size_t>(wanted)}, reading);
      sent += static_cast<std::uint64_t>(wanted);
      if (progress) progress(sent, body.file_size);
    }
    Write(body.tail, reading);
  }

  asio::io_context io_;
  asio::ssl::context tls_;
  tcp::resolver resolver_{io_};
  asio::ssl::stream<tcp::socket> stream_;
  boost::beast::flat_buffer buffer_;
  bool usable_ = true;
  bool written_all_ = true;  // else the connection stands in the middle of a request
};

Https::Https(const std::string& url, const std::string& ca_file) : address_(ParseUrl(url)), ca_file_(ca_file) {}
Https::~Https() = default;

HttpReply Https::SendOnce(const HttpRequest& request) {
  if (!connection_) connection_ = std::make_unique<Connection>(address_, ca_file_);
  try {
    HttpReply reply = connection_->Exchange(request, address_);
    if (!connection_->usable()) connection_.reset();
    return reply;
  } catch (...) {
    connection_.reset();
    throw;
  }
}

HttpReply Https::Send(const HttpRequest& request) {
  const bool kept = connection_ != nullptr;
  try {
    return SendOnce(request);
  } catch (const TransportError&) {
    // A kept connection may have been closed for its age; what we send is safe to send twice.
    if (!kept) throw;
    return SendOnce(request);
  }
}

}  // namespace renxin::cli
