#include "shared/http/health.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <charconv>
#include <stdexcept>

#include "shared/http/listen.h"

namespace renxin::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;

struct HealthServer::State {
  asio::ip::tcp::acceptor acceptor;
  std::function<bool()> ready;
  std::function<std::string()> metrics;
  int open = 0;
};

namespace {

using StatePtr = std::shared_ptr<HealthServer::State>;

constexpr int kMaxConnections = 32;
constexpr std::chrono::seconds kTimeout{5};

beast_http::response<beast_http::string_body> Answer(const HealthServer::State& state, std::string_view method, std::string_view target) {
  beast_http::response<beast_http::string_body> response;
  response.version(11);
  response.set(beast_http::field::content_type, "text/plain; charset=utf-8");
  response.keep_alive(false);
  if (method != "GET") {
    response.result(beast_http::status::method_not_allowed);
  } else if (target == "/livez") {
    response.body() = "ok\n";
  } else if (target == "/readyz") {
    const bool ready = state.ready();
    response.result(ready ? beast_http::status::ok : beast_http::status::service_unavailable);
    response.body() = ready ? "ready\n" : "not ready\n";
  } else if (target == "/metrics") {
    response.set(beast_http::field::content_type, "text/plain; version=0.0.4");
    response.body() = state.metrics();
  } else {
    response.result(beast_http::status::not_found);
  }
  response.prepare_payload();
  return response;
}

asio::awaitable<void> Serve(StatePtr state, beast::tcp_stream stream) {
  boost::system::error_code ec;
  beast::flat_buffer buffer(8 * 1024);
  beast_http::request_parser<beast_http::empty_body> parser;
  parser.header_limit(4 * 1024);
  stream.expires_after(kTimeout);
  co_await beast_http::async_read_header(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, ec));
  if (!ec) {
    const auto response = Answer(*state, parser.get().method_string(), parser.get().target());
    co_await beast_http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, ec));
    stream.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ec);
  }
  --state->open;
}

asio::awaitable<void> Accept(StatePtr state) {
  while (state->acceptor.is_open()) {
    boost::system::error_code ec;
    asio::ip::tcp::socket socket = co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
    if (ec == asio::error::operation_aborted) {
      break;
    }
    if (ec) {  // out of descriptors, most likely: do not spin
      asio::steady_timer pause(state->acceptor.get_executor(), std::chrono::milliseconds(50));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    } else if (state->open < kMaxConnections) {
      ++state->open;
      asio::co_spawn(state->acceptor.get_executor(), Serve(state, beast::tcp_stream(std::move(socket))), asio::detached);
    }
  }
}

}  // namespace

asio::ip::tcp::endpoint ParseEndpoint(const std::string& address) {
  const auto colon = address.rfind(':');
  unsigned port = 65'536;
  if (colon != std::string::npos) {
    const char* end = address.data() + address.size();
    const auto [stop, error] = std::from_chars(address.data() + colon + 1, end, port);
    port = stop == end && error == std::errc{} ? port : 65'536;
  }
  boost::system::error_code ec;
  std::string host = address.substr(0, colon == std::string::npos ? 0 : colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  const auto ip = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, ec);
  if (port > 65'535 || ec) {
    throw std::invalid_argument("'" + address + "' is no IP:PORT");
  }
  return {ip, static_cast<std::uint16_t>(port)};
}

asio::ip::tcp::acceptor Listen(asio::io_context& context, const std::string& address) {
  const auto endpoint = ParseEndpoint(address);
  asio::ip::tcp::acceptor acceptor(context);
  acceptor.open(endpoint.protocol());
  acceptor.set_option(asio::socket_base::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen();
  return acceptor;
}

HealthServer::HealthServer(asio::io_context& context, const std::string& address, std::function<bool()> ready,
                           std::function<std::string()> metrics)
    : state_(new State{Listen(context, address), std::move(ready), std::move(metrics)}) {
  asio::co_spawn(context, Accept(state_), asio::detached);
}

HealthServer::~HealthServer() { Stop(); }

std::uint16_t HealthServer::port() const { return state_->acceptor.local_endpoint().port(); }

void HealthServer::Stop() {
  asio::post(state_->acceptor.get_executor(), [state = state_] {
    boost::system::error_code ec;
    state->acceptor.close(ec);
  });
}

}  // namespace renxin::http
