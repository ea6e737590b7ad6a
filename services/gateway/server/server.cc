#include "services/gateway/server/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "shared/http/listen.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

asio::ssl::context MakeTls(const Config& config) {
  asio::ssl::context tls(asio::ssl::context::tls_server);
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 | asio::ssl::context::no_sslv3 |
                  asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(tls.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_cipher_list(tls.native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  tls.use_certificate_chain_file(config.tls_cert_file);
  tls.use_private_key_file(config.tls_key_file, asio::ssl::context::pem);
  return tls;
}

}  // namespace

Server::Server(asio::io_context& context, const Config& config, std::shared_ptr<Handler> handler)
    : context_(context),
      limits_(config.limits),
      tls_(MakeTls(config)),
      acceptor_(http::Listen(context, config.address)),
      handler_(std::move(handler)) {
  rules_.allowed_hosts = config.allowed_hosts;
  if (rules_.allowed_hosts.empty()) {
    const auto endpoint = acceptor_.local_endpoint();
    const std::string port = std::to_string(endpoint.port());
    const std::string ip = endpoint.address().to_string();
    rules_.allowed_hosts = {(endpoint.address().is_v6() ? "[" + ip + "]" : ip) + ":" + port, "localhost:" + port};
  }
}

std::uint16_t Server::port() const { return acceptor_.local_endpoint().port(); }

void Server::Start() { asio::co_spawn(context_, Accept(shared_from_this()), asio::detached); }

asio::awaitable<void> Server::Accept(std::shared_ptr<Server> self) {
  while (self->acceptor_.is_open()) {
    error_code ec;
    asio::ip::tcp::socket socket = co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
    if (ec == asio::error::operation_aborted) {
      co_return;
    }
    if (!ec) {
      self->Admit(std::move(socket));
      continue;
    }
    asio::steady_timer pause(self->context_, std::chrono::milliseconds(50));  // out of descriptors: do not spin
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
}

void Server::Admit(asio::ip::tcp::socket socket) {
  error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  const std::string ip = ec ? "?" : peer.address().to_string();
  if (ec || connections_.size() >= limits_.connections || per_ip_[ip] >= limits_.connections_per_ip) {
    observe::Count("renxin_gateway_connections_refused_total");
    return;  // closes it: an answer would cost a handshake
  }
  ++per_ip_[ip];
  auto connection = std::make_shared<Connection>(std::move(socket), tls_, limits_, rules_);
  connections_.insert(connection);
  observe::SetGauge("renxin_gateway_connections", static_cast<double>(connections_.size()));
  asio::co_spawn(context_, Serve(shared_from_this(), std::move(connection), ip), asio::detached);
}

asio::awaitable<void> Server::Serve(std::shared_ptr<Server> self, std::shared_ptr<Connection> connection, std::string ip) {
  try {
    // No co_await inside `&&` or a loop's condition: g++ 12 evaluates the other side too late.
    bool more = co_await connection->Handshake();
    while (more) {
      more = co_await connection->ReadHead();
      if (more) {
        co_await self->handler_->Handle(*connection);
        more = connection->reusable();
      }
    }
    co_await connection->Close();
  } catch (const std::exception& failure) {
    observe::Log(observe::Level::kError, "a connection ended by an exception", {{"what", failure.what()}});
  }
  self->connections_.erase(connection);
  if (--self->per_ip_[ip] == 0) {
    self->per_ip_.erase(ip);
  }
  observe::SetGauge("renxin_gateway_connections", static_cast<double>(self->connections_.size()));
}

void Server::Drain(std::function<void()> done) {
  if (draining_) {
    return;
  }
  draining_ = true;
  error_code ec;
  acceptor_.close(ec);
  for (const auto& connection : connections_) {
    connection->Drain();
  }
  asio::co_spawn(context_, WaitDrained(shared_from_this(), std::move(done)), asio::detached);
}

asio::awaitable<void> Server::WaitDrained(std::shared_ptr<Server> self, std::function<void()> done) {
  const auto until = std::chrono::steady_clock::now() + self->limits_.drain_timeout;
  asio::steady_timer timer(self->context_);
  while (!self->connections_.empty() && std::chrono::steady_clock::now() < until) {
    timer.expires_after(std::chrono::milliseconds(20));
    error_code ec;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
  done();
}

}  // namespace renxin::gateway
