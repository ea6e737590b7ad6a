#pragma once
// One reaction's durable consumer: pulls, runs the reaction with its inbox row in one transaction,
// acknowledges after the commit. What is malformed is a dead letter at once; what throws is retried
// with back-off, attempts counted in our database, then a dead letter.

#include <google/protobuf/message.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "shared/bus/jetstream.h"
#include "shared/db/lane.h"
#include "shared/runtime/reaction.h"

namespace renxin::runtime {

struct ConsumerProgress {
  std::string consumer;
  std::int64_t pending = 0;
  std::int64_t ack_pending = 0;
  std::int64_t delivered = 0;
};

class Consumer {
 public:
  // `check_every`: how often it checks whether its stream was reset; with every new connection at once.
  Consumer(Reaction reaction, const Environment& env, db::Lanes& lanes, db::Readers& readers, std::shared_ptr<bus::Connection> connection,
           std::chrono::milliseconds check_every = kCheckEvery);
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  void Stop();
  const Reaction& reaction() const { return reaction_; }
  // Asks the broker; throws BusError.
  ConsumerProgress Progress();
  // Runs a dead letter's message again, in the caller's transaction.
  Status RunAgain(Tx& tx, const bus::Message& message);

  static constexpr int kAttemptsMax = 8;
  static constexpr std::chrono::milliseconds kCheckEvery{30'000};

 private:
  // The event this consumer has come to, as our database knows it.
  struct Seen {
    std::string epoch;
    std::int64_t seq = 0;
    std::string event_id;
  };

  void Loop();
  void CreateOrUpdate();
  std::optional<Seen> LastSeen();
  bool StreamWasReset(const Seen& seen, const bus::StreamState& state);
  void Handle(const std::vector<bus::Message>& messages);
  void HandleAlone(const bus::Message& message);
  // Of a delivery: which messages (by place) the reaction refused, and why.
  using Refused = std::map<std::size_t, std::string>;
  // False when the reaction refused some after it had written: nothing may stand, and all but those (now in `refused`) are to
  // be processed again.
  bool Process(Tx& tx, const std::vector<bus::Message>& messages, Refused* refused);
  void StoreProgress(Tx& tx, std::int64_t seq, const std::string& event_id) const;
  Result<DeliveredMessage> Parse(const bus::Message& message) const;

  Reaction reaction_;
  const Environment& env_;
  db::Lanes& lanes_;
  db::Readers& readers_;
  std::shared_ptr<bus::Connection> connection_;
  bus::JetStream stream_;
  bus::PullLoop pull_;
  std::chrono::milliseconds check_every_;
  std::string stream_epoch_;
  std::uint64_t connection_epoch_ = 0;
  std::chrono::steady_clock::time_point checked_{};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// A message as text for the dead-letter table, and back.
std::string PackMessage(const bus::Message& message);
bus::Message UnpackMessage(const std::string& text);

}  // namespace renxin::runtime
