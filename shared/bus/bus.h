#pragma once
// The connection to NATS: publish, request with a deadline, subscribe. nats.c is used for nothing else
// (docs/adr: its fetch overflows the heap); JetStream is spoken through requests (jetstream.h).

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace renxin {
class Variables;
}

namespace renxin::bus {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The first value under that name; empty when absent.
std::string_view FindHeader(const Headers& headers, std::string_view name);

struct Message {
  std::string subject;
  std::string reply;
  Headers headers;
  std::string body;
  // A status line such as 503 (no responders), 404/408/409 (pull ended), 100 (heartbeat); 0 otherwise.
  int status = 0;
};

enum class Outcome {
  kReply,         // `message` is the answer
  kNoResponders,  // nobody listens on the subject: known at once
  kTimeout,       // nothing came; the request may still have been carried out
  kDisconnected,  // there is no connection, or too much waits already; it was not sent
  kInterrupted,   // the connection was lost while it was under way; it may have been carried out
};

struct Answer {
  Outcome outcome = Outcome::kTimeout;
  Message message;
};

struct Options {
  std::string url = "nats://127.0.0.1:4222";  // several by comma
  std::string user;
  std::string password_file;         // empty: none
  std::string ca_file;               // PEM: TLS, and the server must bear a certificate of it for its host; empty: plain TCP
  std::string name;                  // shown in the server's monitoring
  std::size_t pending_max = 16'384;  // requests in flight; beyond that kDisconnected at once

  // RENXIN_NATS_URL, RENXIN_NATS_USER, RENXIN_NATS_PASSWORD_FILE, RENXIN_NATS_CA_FILE: the list of every program. What is absent stays.
  void Read(Variables* variables);
};

// While one lives, what this thread publishes or requests stays in the connection's buffer; whoever holds it calls Flush or FlushSoon
// afterwards. Several messages leave in one write, and arrive in one read.
class Held {
 public:
  Held() { ++Depth(); }
  ~Held() { --Depth(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  static bool Any() { return Depth() > 0; }

 private:
  static int& Depth();
};

// One connection of a process. All functions are thread-safe; callbacks run on the one thread that reads the socket and must not block:
// a Call in one waits in vain.
class Connection {
 public:
  // Connects in the background and reconnects for ever; never throws for a server that is away.
  static std::shared_ptr<Connection> Open(Options options);
  virtual ~Connection() = default;

  virtual bool connected() const = 0;
  // Counts connects; a change says that the broker may have forgotten something.
  virtual std::uint64_t epoch() const = 0;

  // False when it was not handed over (not connected).
  virtual bool Publish(std::string_view subject, const Headers& headers, std::string_view body) = 0;

  // Publishes with a reply subject of the caller's own (a pull: many answers to one question).
  virtual bool PublishRequest(std::string_view subject, std::string_view reply, std::string_view body) = 0;

  // `done` is called exactly once. One sweeper looks after the deadlines, to 10 ms; it sleeps until the next one.
  virtual void Request(std::string_view subject, const Headers& headers, std::string_view body, std::chrono::milliseconds timeout,
                       std::function<void(Answer)> done) = 0;
  Answer Call(std::string_view subject, const Headers& headers, std::string_view body, std::chrono::milliseconds timeout);

  // Writes what was published while held, now or (FlushSoon) together with what follows until the reading thread comes to it.
  virtual void Flush() {}
  virtual void FlushSoon() {}

  // A subscription lives as long as the connection; `queue` empty: every subscriber gets it.
  virtual void Subscribe(std::string_view subject, std::string_view queue, std::function<void(Message)> handler) = 0;
  // Stops new deliveries of all subscriptions but the inbox; what was delivered is still handled.
  virtual void StopSubscriptions() = 0;

  // A subject under this connection's own inbox prefix.
  virtual std::string NewInbox() = 0;
  // Waits until everything published has left, then closes. Bounded by `timeout`.
  virtual void Close(std::chrono::milliseconds timeout) = 0;
};

}  // namespace renxin::bus
