#pragma once
// The gateway: the contract's routes over HTTPS, answered by the services over the bus. It knows no
// business: what may be called, by whom and how is read from the descriptors.

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>

#include "services/gateway/auth/auth.h"
#include "services/gateway/config.h"
#include "services/gateway/live/hub.h"
#include "services/gateway/routes/routes.h"
#include "services/gateway/server/server.h"
#include "services/gateway/throttle/throttle.h"
#include "services/gateway/transcode/transcode.h"
#include "services/gateway/upstream/upstream.h"
#include "shared/bus/bus.h"

namespace renxin::gateway {

// What is known of one request while it is answered.
struct Request {
  Connection& connection;
  const Endpoint& endpoint;
  Pairs variables;
  std::string principal;
  std::string idempotency_key;
  std::string if_match;
  std::chrono::steady_clock::time_point deadline;
};

class Gateway : public Handler {
 public:
  // `set` and `bus` must outlive it. Throws std::runtime_error when the contract is not sound.
  Gateway(boost::asio::io_context& context, const Config& config, const contract::DescriptorSet& set, std::shared_ptr<bus::Connection> bus);

  boost::asio::awaitable<void> Handle(Connection& connection) override;
  void Start();
  void Stop();
  // Keys are known and the bus is there.
  bool ready() const { return !stopping_ && keys_->has_keys() && bus_->connected(); }

 private:
  boost::asio::awaitable<void> Answer(Connection& connection, std::string* route);
  boost::asio::awaitable<void> AnswerLive(Connection& connection, std::shared_ptr<LiveSocket>* socket);
  boost::asio::awaitable<void> AnswerPage(Connection& connection, std::string* route);
  boost::asio::awaitable<void> AnswerRpc(Connection& connection, Routes::Found found);
  boost::asio::awaitable<Result<std::string>> Principal(const Endpoint& endpoint, std::string authorization);
  boost::asio::awaitable<Result<MessagePtr>> ReadMessage(Request& request);
  boost::asio::awaitable<void> Forward(Request& request);
  boost::asio::awaitable<void> Upload(Request& request);
  boost::asio::awaitable<Status> BeginUpload(Request& request, Pairs fields, const contract::MethodInfo** method, std::string* upload_id);
  boost::asio::awaitable<Status> SendChunk(Request& request, const contract::MethodInfo& begin, const std::string& upload_id,
                                           std::int64_t offset, std::string data);
  boost::asio::awaitable<void> FinishUpload(Request& request, const contract::MethodInfo& begin, std::string message);
  boost::asio::awaitable<void> Download(Request& request);
  // One question on behalf of `request`; `body` is the serialized request message.
  boost::asio::awaitable<Result<std::string>> SendFor(Request& request, const contract::MethodInfo& method, std::string body,
                                                      std::string key);
  // The value of Set-Cookie for a reply with a refresh token, which is taken out of it (session_cookie/).
  std::optional<std::string> CookieFor(const Request& request, const google::protobuf::Descriptor* type, std::string* bytes);
  boost::asio::awaitable<void> Reply(Request& request, const google::protobuf::Descriptor* type, std::string bytes);

  const Limits limits_;
  Throttle throttle_;
  Routes routes_;
  Transcoder transcoder_;
  std::shared_ptr<bus::Connection> bus_;
  boost::asio::io_context& context_;
  std::shared_ptr<KeySource> keys_;
  std::shared_ptr<LiveHub> live_;
  std::string openapi_;
  bool stopping_ = false;
};

// Reads the environment, runs until SIGTERM or SIGINT, drains. Returns the process's exit code.
int RunGateway();

}  // namespace renxin::gateway
