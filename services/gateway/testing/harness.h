#pragma once
// A gateway in this process, on a loopback port with a certificate of its own, over a bus that is a table of
// functions; and a TLS client that can send any bytes.

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "services/gateway/gateway.h"
#include "shared/privacy/token.h"

namespace renxin::gateway {

struct ReceivedCall {
  std::string subject;
  bus::Headers headers;
  std::string body;
  std::chrono::milliseconds timeout;
};

class FakeBus : public bus::Connection {
 public:
  using Service = std::function<bus::Answer(const ReceivedCall&)>;

  void On(const std::string& subject, Service service);
  std::vector<ReceivedCall> received() const;
  void Clear();
  std::atomic<bool> up{true};
  std::atomic<std::uint64_t> connects{1};
  // To whoever subscribes to everything published.
  void Emit(const bus::Message& message);

  bool connected() const override { return up; }
  std::uint64_t epoch() const override { return connects; }
  bool Publish(std::string_view, const bus::Headers&, std::string_view) override { return up; }
  bool PublishRequest(std::string_view, std::string_view, std::string_view) override { return up; }
  void Request(std::string_view subject, const bus::Headers& headers, std::string_view body, std::chrono::milliseconds timeout,
               std::function<void(bus::Answer)> done) override;
  void Subscribe(std::string_view subject, std::string_view queue, std::function<void(bus::Message)> handler) override;
  void StopSubscriptions() override {}
  std::string NewInbox() override { return "_INBOX.x"; }
  void Close(std::chrono::milliseconds) override {}

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Service> services_;
  std::vector<ReceivedCall> received_;
  std::function<void(bus::Message)> events_;
};

// Answers of a service.
bus::Answer Good(std::string body = "");
bus::Answer Bad(const Error& error);

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  bool complete = false;  // the framing came to its end
};

class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port);
  ~TlsClient();
  // Errors are kept to oneself: a gateway may close while we still send.
  void Send(const std::string& bytes);
  // The answer to HEAD ends with its head.
  HttpAnswer Read(bool of_head = false);
  // Less when the other side ends before.
  std::string ReadBytes(std::size_t count);
  // True when the other side has ended the connection within two seconds and nothing more came before.
  bool Ended();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Harness {
 public:
  explicit Harness(std::function<void(Limits*)> tune = {});
  ~Harness();

  std::uint16_t port() const { return port_; }
  FakeBus& bus() { return *bus_; }
  contract::DescriptorSet& contract() { return set_; }
  Transcoder& transcoder() { return transcoder_; }
  // Runs on the gateway's thread and waits for it.
  void OnThread(const std::function<void()>& work);
  void Drain(std::function<void()> done);

  std::string Token(const std::vector<std::string>& roles = {"admin"}, std::int64_t age_seconds = 0) const;
  std::string TokenFor(const std::string& account, const std::string& staff, const std::vector<std::string>& roles,
                       std::int64_t age_seconds = 0) const;
  static const privacy::SigningKey& Key();

  // One request on a connection of its own.
  HttpAnswer Send(const std::string& method, const std::string& target, const std::string& body = "", const std::string& headers = "",
                  const std::string& content_type = "application/json");
  // The same with a token of role `admin`.
  HttpAnswer SendAs(const std::string& method, const std::string& target, const std::string& body = "", const std::string& headers = "",
                    const std::string& content_type = "application/json");

 private:
  contract::DescriptorSet set_;
  Transcoder transcoder_;
  std::shared_ptr<FakeBus> bus_ = std::make_shared<FakeBus>();
  boost::asio::io_context context_{1};
  std::shared_ptr<Gateway> gateway_;
  std::shared_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace renxin::gateway
