#pragma once
// Publishes the outbox: reads what is unsent, publishes with Nats-Msg-Id, waits for the stream's
// acknowledgements, then marks. Looks on every connect and every 30 s whether the stream was wiped or
// reset, and then publishes again what it lost.

#include <atomic>
#include <string>
#include <thread>

#include "shared/bus/jetstream.h"
#include "shared/core/result.h"
#include "shared/core/time.h"
#include "shared/db/lane.h"
#include "shared/runtime/live.h"
#include "shared/runtime/waiter.h"

namespace renxin::runtime {

// EV_LEADS for leads.
std::string StreamOf(std::string_view service);
// ev.renxin.leads.v1.settlement_recorded
std::string EventSubject(std::string_view service, std::string_view name);
// rp.renxin.leads.v1.<consumer>.<name>: a replay, for that consumer alone.
std::string ReplaySubject(std::string_view service, std::string_view consumer, std::string_view name);

class Relay {
 public:
  // `live` may be null: then no event is live.
  Relay(std::string service, std::string url, db::Lanes& lanes, std::shared_ptr<bus::Connection> connection,
        std::unique_ptr<LiveHeaders> live = nullptr);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // An event was committed.
  void Notify() { waiter_.Notify(); }
  // Tries until the outbox is empty or the time is over, then stops.
  void FlushAndStop(std::chrono::milliseconds timeout);
  // Publishes the events since `from` again to one consumer's own subject; returns how many.
  Result<std::int64_t> Replay(const std::string& consumer, Instant from);

 private:
  void Loop();
  // Until nothing is unsent. Not notified, it looks first.
  void RunOnce(bool notified);
  db::Session& Ready();
  bool AnyUnsent();
  // True when there may be more.
  bool PublishSome();
  void CheckStreamReset();
  // The highest sequence of the stream up to which our rows are certainly what stands there.
  std::int64_t LastGood(const bus::StreamState& state);

  std::string service_;
  std::string url_;
  db::Lanes& lanes_;
  bus::JetStream stream_;
  std::unique_ptr<LiveHeaders> live_;
  std::unique_ptr<db::Session> session_;
  // All that is not in the stream is marked unsent. Before that nothing is published: it would stand above what is lost and hide it.
  bool sound_ = false;
  std::string epoch_;
  std::uint64_t connection_epoch_ = 0;
  std::chrono::steady_clock::time_point checked_{};
  Waiter waiter_;
  std::thread thread_;
};

}  // namespace renxin::runtime
