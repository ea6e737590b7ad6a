#pragma once
// JetStream by its request API: what a relay and a consumer need, and no more.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "shared/bus/bus.h"

namespace renxin::bus {

// The broker did not answer, or refused: retry later.
class BusError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct StreamState {
  std::string created;  // changes when the stream was recreated: the epoch
  std::int64_t first_seq = 0;
  std::int64_t last_seq = 0;
};

struct ConsumerState {
  std::int64_t delivered_seq = 0;  // stream sequence of the last delivered message
  std::int64_t pending = 0;        // not yet delivered
  std::int64_t ack_pending = 0;
};

struct StreamConfig {
  std::string name;
  std::vector<std::string> subjects;
  std::chrono::hours max_age{24 * 7};
  std::int64_t max_bytes = std::int64_t{8} << 30;
};

struct ConsumerConfig {
  std::string stream;
  std::string durable;
  std::vector<std::string> subjects;
  std::chrono::seconds ack_wait{30};
  int max_ack_pending = 1'000;
};

struct PubAck {
  bool stored = false;
  std::string stream;
  std::int64_t seq = 0;
};

class JetStream {
 public:
  explicit JetStream(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  // Throw BusError when the broker does not answer; nullopt when there is no such thing.
  std::optional<StreamState> Stream(const std::string& stream);
  void UpsertStream(const StreamConfig& config);
  std::optional<ConsumerState> Consumer(const std::string& stream, const std::string& durable);
  void CreateConsumer(const ConsumerConfig& config);
  void DeleteConsumer(const std::string& stream, const std::string& durable);
  // The Nats-Msg-Id of the message at that sequence; nullopt when none is there.
  std::optional<std::string> MessageId(const std::string& stream, std::int64_t seq);

  struct Outgoing {
    std::string subject;
    Headers headers;  // with Nats-Msg-Id
    std::string body;
  };
  // Publishes all with up to 1,024 in flight and waits for the acknowledgements; one that did not
  // come is `unknown`: publish again with the same id. Order of the answers is that of `messages`.
  std::vector<PubAck> PublishAll(const std::vector<Outgoing>& messages, std::chrono::milliseconds timeout);

  Connection& connection() { return *connection_; }

 private:
  // The answer's JSON text, empty when it says "not found" (404).
  std::optional<std::string> Api(const std::string& subject, const std::string& body);
  std::shared_ptr<Connection> connection_;
};

// Where a delivered message stands, from its reply subject; zeros when JetStream did not deliver it.
struct Position {
  std::int64_t seq = 0;        // in its stream
  std::int64_t pending = 0;    // messages for this consumer after it
  std::int64_t delivered = 0;  // how often, this time included
};
Position PositionOf(const std::string& reply);

// What a status line of a pull says.
enum class PullStatus : std::uint8_t { kMessage, kHeartbeat, kEnded, kConsumerGone };
PullStatus ClassifyPull(const Message& message);

// Pulls messages of one durable consumer: asks for a batch, hands out what comes, asks again. While it is far behind it has the
// broker hold in memory what comes next.
class PullLoop {
 public:
  PullLoop(std::shared_ptr<Connection> connection, std::string stream, std::string durable, int batch);

  // Up to `batch` messages; waits at most `wait` for the first one. Empty when none came.
  std::vector<Message> Next(std::chrono::milliseconds wait);
  // Forgets what was asked for (after a reconnect, or when the consumer was recreated).
  void Reset();
  // The consumer is not there (any more); cleared by Reset.
  bool consumer_gone() const { return state_->gone; }
  void Stop();

 private:
  // Shared with the subscription, which lives as long as the connection and so may outlive the loop.
  struct State {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Message> arrived;
    std::int64_t expected = 0;  // of the pull under way
    std::chrono::steady_clock::time_point pull_ends{};
    std::atomic<bool> gone{false};
    bool stopped = false;
    std::uint64_t epoch = 0;
  };
  static void OnMessage(State& state, Message message);
  void RequestMore();
  void Remember(const std::vector<Message>& batch);

  std::shared_ptr<Connection> connection_;
  std::string stream_;
  std::string subject_;
  int batch_;
  // Of what was last handed out for the first time, and how many sequences a whole batch of such reaches over. Only the thread that
  // calls Next and Reset touches them.
  Position position_;
  std::int64_t span_ = 0;
  std::string inbox_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Acknowledgement of a pulled message: `+ACK`, `+TERM`, or `-NAK {"delay":…}` after a failure.
void Ack(Connection& connection, const Message& message);
void Term(Connection& connection, const Message& message);
void NakAfter(Connection& connection, const Message& message, std::chrono::milliseconds delay);

}  // namespace renxin::bus
