#pragma once
// Live events: one core subscription to everything that is published, from the first socket on, and the sockets it is
// delivered to, each what its caller may read. At most once; nothing waits beyond its limit.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>

#include "services/gateway/live/event.h"
#include "services/gateway/live/socket.h"
#include "shared/bus/bus.h"

namespace renxin::gateway {

class LiveHub : public std::enable_shared_from_this<LiveHub> {
 public:
  // Throws std::runtime_error when the contract would show more than may be read.
  LiveHub(boost::asio::io_context& context, const Limits& limits, const contract::DescriptorSet& set, std::shared_ptr<bus::Connection> bus,
          std::shared_ptr<KeySource> keys);

  void Start();
  // Tells every socket that the gateway goes away, and takes no more.
  void Stop();

  // Answers GET /v1/live. The socket that has been opened, or null when the request was refused.
  boost::asio::awaitable<std::shared_ptr<LiveSocket>> Open(Connection& connection);
  // Until the socket has ended.
  boost::asio::awaitable<void> Serve(std::shared_ptr<LiveSocket> socket);

 private:
  struct Intake;
  class Slot;

  static boost::asio::awaitable<void> Deliver(std::shared_ptr<LiveHub> self);
  static boost::asio::awaitable<void> Sweep(std::shared_ptr<LiveHub> self);
  boost::asio::awaitable<Result<privacy::Claims>> Examine(Connection& connection, Offer* offer);
  std::shared_ptr<LiveSocket> Make(Connection& connection, privacy::Claims claims) const;
  void Subscribe();
  boost::asio::awaitable<Status> Listen();
  boost::asio::awaitable<bool> Enter(Connection& connection, std::shared_ptr<LiveSocket> socket, bool ours);
  Status Admit(const std::shared_ptr<LiveSocket>& socket);
  void Remove(const std::shared_ptr<LiveSocket>& socket);
  void CloseAll(LiveClose code, const std::string& reason);
  void NotifyAll(const LiveEvent& event);
  bool SeenBefore(const std::string& event_id);
  bool AnyBusy() const;
  void Check();

  boost::asio::io_context& context_;
  const Limits& limits_;
  std::shared_ptr<bus::Connection> bus_;
  std::shared_ptr<KeySource> keys_;
  std::shared_ptr<Intake> intake_;
  std::set<std::shared_ptr<LiveSocket>> sockets_;
  std::map<std::string, std::size_t> per_account_;
  std::deque<std::string> recent_;
  std::unordered_set<std::string> recent_set_;
  boost::asio::steady_timer sweep_;
  bool subscribed_ = false;
  bool listening_ = false;  // the broker has said so
  bool stopping_ = false;
};

}  // namespace renxin::gateway
