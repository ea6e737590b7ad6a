#pragma once
// The listening side: accepts, caps, keeps connections until they end, drains.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "services/gateway/config.h"
#include "services/gateway/server/connection.h"

namespace renxin::gateway {

// Answers one request whose head has been read. Called for one request per connection at a time.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual boost::asio::awaitable<void> Handle(Connection& connection) = 0;
};

class Server : public std::enable_shared_from_this<Server> {
 public:
  // Listens at once. Throws boost::system::system_error (address, certificate) or std::invalid_argument.
  Server(boost::asio::io_context& context, const Config& config, std::shared_ptr<Handler> handler);

  std::uint16_t port() const;
  void Start();
  // Stops accepting, ends idle connections; `done` is called once when the last request is answered or the time
  // of Limits::drain_timeout is over.
  void Drain(std::function<void()> done);
  std::size_t open() const { return connections_.size(); }

 private:
  static boost::asio::awaitable<void> Accept(std::shared_ptr<Server> self);
  static boost::asio::awaitable<void> Serve(std::shared_ptr<Server> self, std::shared_ptr<Connection> connection, std::string ip);
  static boost::asio::awaitable<void> WaitDrained(std::shared_ptr<Server> self, std::function<void()> done);
  void Admit(boost::asio::ip::tcp::socket socket);

  boost::asio::io_context& context_;
  const Limits limits_;
  http::RuleOptions rules_;
  boost::asio::ssl::context tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::shared_ptr<Handler> handler_;
  std::set<std::shared_ptr<Connection>> connections_;
  std::map<std::string, std::size_t> per_ip_;
  bool draining_ = false;
};

}  // namespace renxin::gateway
