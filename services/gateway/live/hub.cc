#include "services/gateway/live/hub.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "services/gateway/refusal.h"
#include "services/gateway/upstream/upstream.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"

namespace renxin::gateway {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Of the bus, waiting for the gateway's thread; beyond it every socket has missed something and is notified.
constexpr std::size_t kIntakeMax = 16'384;
// After that many events the sockets get a turn to send; one that has more waiting is waited for, a few times a millisecond.
constexpr std::size_t kTurn = 64;
constexpr int kTurnPauses = 20;
constexpr std::chrono::milliseconds kStuck{100};
// A relay that did not hear the stream's answer publishes again.
constexpr std::size_t kRecent = 8'192;
constexpr std::chrono::seconds kSweepEvery{1};
constexpr std::chrono::minutes kLateEvery{1};

constexpr std::chrono::seconds kBarrierTimeout{2};

Error NotNow() { return Refusal(Code::kUnavailable, Reason::kServiceUnavailable, "live events cannot be had at the moment", 1000); }

Error BadHandshake(std::string_view field, std::string_view message) { return InvalidField(field, "websocket", message); }

// What is wrong with the handshake; kOk when nothing is. `offer` is filled.
Status CheckHandshake(const Connection& connection, Offer* offer) {
  const http::Head& head = connection.head();
  const auto count = [&](std::string_view name) {
    return std::count_if(head.headers.begin(), head.headers.end(), [&](const auto& header) { return header.first == name; });
  };
  if (!head.query.empty()) {
    return BadHandshake("?", "no query is taken; a token goes into a header");
  }
  if (!boost::beast::websocket::is_upgrade(connection.parsed())) {
    return BadHandshake("Upgrade", "this is a WebSocket: Connection: Upgrade and Upgrade: websocket are needed");
  }
  if (head.Find("sec-websocket-version") != "13" || count("sec-websocket-version") != 1) {
    return BadHandshake("Sec-WebSocket-Version", "must be 13");
  }
  const auto key = FromBase64(head.Find("sec-websocket-key"));
  if (count("sec-websocket-key") != 1 || !key || key->size() != 16) {
    return BadHandshake("Sec-WebSocket-Key", "must be 16 bytes in base64");
  }
  if (count("sec-websocket-protocol") > 1) {
    return BadHandshake("Sec-WebSocket-Protocol", "must stand alone");
  }
  *offer = ReadOffer(head.Find("sec-websocket-protocol"));
  if (count("sec-websocket-protocol") == 1 && !offer->ours) {
    return BadHandshake("Sec-WebSocket-Protocol", "must hold renxin.v1");
  }
  if (connection.has_more()) {
    return BadHandshake("?", "nothing may be sent before the answer");
  }
  return Ok{};
}

}  // namespace

// Between the bus's threads and ours. It outlives the hub: a callback may still be under way.
struct LiveHub::Intake {
  LiveEvents events;
  std::atomic<std::size_t> sockets{0};
  std::mutex mutex;
  std::deque<LiveEvent> waiting;
  bool lost = false;
  Instant late_at{};  // when the sockets were last closed for an event that came late
  bool draining = false;
  bool closed = false;

  // True when the hub has to be woken. Nobody listening: nothing is looked at.
  bool Push(const bus::Message& message) {
    if (sockets == 0) {
      return false;
    }
    const Instant now = SystemNow();
    const bool late = ComesLate(events, message, now);
    std::optional<LiveEvent> event = ToLiveEvent(events, message, now);
    if (!event && !late) {
      return false;
    }
    const std::scoped_lock lock(mutex);
    if (closed) {
      return false;
    }
    if (late) {
      // A backlog is a thousand of them: the sockets are closed for it once.
      if (now.micros < late_at.Plus(kLateEvery).micros) {
        return false;
      }
      late_at = now;
      lost = true;
    } else if (waiting.size() >= kIntakeMax) {
      lost = true;
    } else {
      waiting.push_back(std::move(*event));
    }
    return !std::exchange(draining, true);
  }
  // At most one turn's worth; empty when there is nothing, and then the next Put wakes again.
  std::vector<LiveEvent> Drain(bool* missed) {
    std::vector<LiveEvent> out;
    const std::scoped_lock lock(mutex);
    *missed = std::exchange(lost, false);
    while (!waiting.empty() && out.size() < kTurn) {
      out.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    draining = !out.empty() || *missed;
    return out;
  }
};

// A place among the sockets, given back at the end of the scope.
class LiveHub::Slot {
 public:
  Slot(LiveHub& hub, std::shared_ptr<LiveSocket> socket) : hub_(hub), socket_(std::move(socket)) {}
  ~Slot() {
    if (socket_) {
      hub_.Remove(socket_);
    }
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  void Release() { socket_.reset(); }

 private:
  LiveHub& hub_;
  std::shared_ptr<LiveSocket> socket_;
};

LiveHub::LiveHub(asio::io_context& context, const Limits& limits, const contract::DescriptorSet& set, std::shared_ptr<bus::Connection> bus,
                 std::shared_ptr<KeySource> keys)
    : context_(context),
      limits_(limits),
      bus_(std::move(bus)),
      keys_(std::move(keys)),
      intake_(std::make_shared<Intake>()),
      sweep_(context) {
  intake_->events = LiveEventsOf(set);
}

void LiveHub::Start() { asio::co_spawn(context_, Sweep(shared_from_this()), asio::detached); }

// With the first socket, and never given up: a gateway that nobody listens to is spared all events, and a subscription
// that ends while something arrives brings this release of the library down (nats.c issue 637).
void LiveHub::Subscribe() {
  if (std::exchange(subscribed_, true)) {
    return;
  }
  // Every gateway gets every event: no queue group.
  bus_->Subscribe("ev.renxin.>", "", [intake = intake_, hub = weak_from_this(), context = &context_](const bus::Message& message) {
    if (!intake->Push(message)) {
      return;
    }
    asio::post(*context, [hub] {
      if (const auto self = hub.lock()) {
        asio::co_spawn(self->context_, Deliver(self), asio::detached);
      }
    });
  });
}

// Until the broker has it a socket is not opened, for it could miss what happens after its answer.
asio::awaitable<Status> LiveHub::Listen() {
  Subscribe();
  if (!listening_) {
    listening_ = co_await Settled(bus_, kBarrierTimeout);
  }
  co_return listening_ ? Status(Ok{}) : Status(NotNow());
}

void LiveHub::Stop() {
  stopping_ = true;
  {
    const std::scoped_lock lock(intake_->mutex);
    intake_->closed = true;
    intake_->waiting.clear();
  }
  CloseAll(LiveClose::kGoingAway, "the gateway stops");
}

// Who it is that connects, with a handshake that is sound.
asio::awaitable<Result<privacy::Claims>> LiveHub::Examine(Connection& connection, Offer* offer) {
  std::string authorization(connection.head().Find("authorization"));
  const Status sound = CheckHandshake(connection, offer);
  if (authorization.empty()) {
    const Offer offered = ReadOffer(connection.head().Find("sec-websocket-protocol"));
    authorization = offered.token.empty() ? "" : "Bearer " + offered.token;
  }
  const Result<std::shared_ptr<const Verified>> caller = co_await keys_->Authenticate(std::move(authorization));
  if (!caller) co_return caller.error();
  if (!sound) co_return sound.error();
  co_return (*caller)->claims;
}

asio::awaitable<std::shared_ptr<LiveSocket>> LiveHub::Open(Connection& connection) {
  std::shared_ptr<LiveSocket> socket;
  Offer offer;
  Result<privacy::Claims> claims = co_await Examine(connection, &offer);
  if (!claims) {
    co_await connection.SendError(std::move(claims).error());
    co_return socket;
  }
  socket = Make(connection, std::move(claims).value());
  if (!co_await Enter(connection, socket, offer.ours)) {
    socket.reset();
  }
  co_return socket;
}

// Whether it is among the sockets and has been answered so; before the answer: what happens after it is seen.
asio::awaitable<bool> LiveHub::Enter(Connection& connection, std::shared_ptr<LiveSocket> socket, bool ours) {
  Status status = Admit(socket);
  Slot slot(*this, status ? socket : nullptr);
  if (status) {
    status = co_await Listen();
  }
  if (!status) {
    co_await connection.SendError(std::move(status).error());
    co_return false;
  }
  const bool accepted = co_await socket->Accept(ours);
  if (accepted) {
    slot.Release();
  }
  co_return accepted;
}

asio::awaitable<void> LiveHub::Serve(std::shared_ptr<LiveSocket> socket) {
  const Slot slot(*this, socket);
  co_await socket->Run();
}

std::shared_ptr<LiveSocket> LiveHub::Make(Connection& connection, privacy::Claims claims) const {
  return std::make_shared<LiveSocket>(connection, limits_, keys_, std::move(claims), bus_->epoch());
}

Status LiveHub::Admit(const std::shared_ptr<LiveSocket>& socket) {
  if (stopping_ || !bus_->connected()) {
    return NotNow();
  }
  const auto mine = per_account_.find(socket->account_id());
  if (sockets_.size() >= limits_.live_sockets || (mine != per_account_.end() && mine->second >= limits_.live_sockets_per_account)) {
    observe::Count("renxin_live_sockets_refused_total");
    return Refusal(Code::kUnavailable, Reason::kOverloaded, "too many live sockets are open already", 1000);
  }
  sockets_.insert(socket);
  ++per_account_[socket->account_id()];
  intake_->sockets = sockets_.size();
  observe::SetGauge("renxin_live_sockets", static_cast<double>(sockets_.size()));
  return Ok{};
}

void LiveHub::Remove(const std::shared_ptr<LiveSocket>& socket) {
  if (sockets_.erase(socket) == 0) {
    return;
  }
  if (--per_account_[socket->account_id()] == 0) {
    per_account_.erase(socket->account_id());
  }
  intake_->sockets = sockets_.size();
  observe::SetGauge("renxin_live_sockets", static_cast<double>(sockets_.size()));
}

void LiveHub::CloseAll(LiveClose code, const std::string& reason) {
  for (const auto& socket : sockets_) {
    socket->Close(code, reason);
  }
}

bool LiveHub::SeenBefore(const std::string& event_id) {
  if (!recent_set_.insert(event_id).second) {
    return true;
  }
  recent_.push_back(event_id);
  if (recent_.size() > kRecent) {
    recent_set_.erase(recent_.front());
    recent_.pop_front();
  }
  return false;
}

void LiveHub::NotifyAll(const LiveEvent& event) try {
  if (SeenBefore(event.event_id)) {
    return;
  }
  for (const auto& socket : sockets_) {
    if (contract::MayReceive(*event.event, socket->caller(), event.owners, event.viewers)) {
      socket->Send(event.text);
    }
  }
} catch (const std::exception& failure) {
  // No memory, say: whoever was not notified reads again, and the next event is delivered.
  observe::Log(observe::Level::kError, "a live event could not be delivered", {{"what", failure.what()}});
  CloseAll(LiveClose::kRestart, "events were missed: read again");
}

bool LiveHub::AnyBusy() const {
  return std::any_of(sockets_.begin(), sockets_.end(),
                     [](const auto& socket) { return socket->waiting() > kTurn && socket->sending() < kStuck; });
}

// A large file is many events at once: they are handed out in turns, so that who reads is not taken for who does not.
asio::awaitable<void> LiveHub::Deliver(std::shared_ptr<LiveHub> self) {
  asio::steady_timer pause(self->context_);
  while (true) {
    bool missed = false;
    const std::vector<LiveEvent> turn = self->intake_->Drain(&missed);
    if (missed) {
      self->CloseAll(LiveClose::kRestart, "events were missed: read again");
    }
    if (turn.empty() && !missed) {
      co_return;
    }
    for (const LiveEvent& event : turn) {
      self->NotifyAll(event);
    }
    int pauses = 0;
    do {
      // Even with nobody busy the sockets get a turn.
      error_code ec;
      pause.expires_after(std::chrono::milliseconds(self->AnyBusy() ? 1 : 0));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    } while (++pauses < kTurnPauses && self->AnyBusy());
  }
}

void LiveHub::Check() {
  const std::int64_t now = SystemNow().micros / 1'000'000;
  const std::uint64_t epoch = bus_->epoch();
  for (const auto& socket : sockets_) {
    if (socket->sending() > limits_.write_timeout) {
      socket->Kill();
    } else if (socket->expires_at() <= now) {
      socket->Close(LiveClose::kToken, "the token has run out");
    } else if (socket->bus_epoch() != epoch) {
      socket->Close(LiveClose::kRestart, "events may have been missed: read again");
    }
  }
}

asio::awaitable<void> LiveHub::Sweep(std::shared_ptr<LiveHub> self) {
  while (!self->stopping_ || !self->sockets_.empty()) {
    self->Check();
    error_code ec;
    self->sweep_.expires_after(kSweepEvery);
    co_await self->sweep_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
}

}  // namespace renxin::gateway
