#pragma once
// The small HTTP server every service has beside its work: /livez, /readyz, /metrics, over plain HTTP on an
// address of the cluster's inside.

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace renxin::http {

class HealthServer {
 public:
  // `address` is IP:PORT (port 0: any free one). `ready` and `metrics` are called on the context's thread and
  // must not block. Throws std::invalid_argument or boost::system::system_error when it cannot listen.
  HealthServer(boost::asio::io_context& context, const std::string& address, std::function<bool()> ready,
               std::function<std::string()> metrics);
  ~HealthServer();
  HealthServer(const HealthServer&) = delete;
  HealthServer& operator=(const HealthServer&) = delete;

  std::uint16_t port() const;
  // Stops accepting; may be called from any thread, more than once.
  void Stop();

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace renxin::http
