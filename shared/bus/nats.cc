#include <nats/nats.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <utility>

#include "shared/bus/bus.h"
#include "shared/bus/nats_loop.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"

namespace renxin::bus {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kSweepEvery{10};
constexpr std::chrono::hours kIdleSweep{1};  // while nothing is pending; a request wakes the sweeper for its deadline

// What the broker does not take is refused from here on: it stands still, and the line ends when it does not answer pings.
constexpr int kBufferedMax = 32 * 1024 * 1024;

void Check(natsStatus status, const char* what) {
  if (status != NATS_OK) throw std::runtime_error(std::string("nats: ") + what + ": " + natsStatus_GetText(status));
}

std::string ReadSecret(const std::string& path) {
  std::ifstream file(path);
  std::string secret;
  if (!std::getline(file, secret)) throw std::runtime_error("password file cannot be read: " + path);
  return secret;
}

// Frees the library's message at the end of the scope.
struct MsgDeleter {
  void operator()(natsMsg* msg) const { natsMsg_Destroy(msg); }
};
using MsgPtr = std::unique_ptr<natsMsg, MsgDeleter>;

// Frees messages several at a time: the library has a thread for it, which every one may wake. Holds little.
class FreedTogether {
 public:
  void Add(MsgPtr msg) {
    bytes_ += natsMsg_GetDataLength(msg.get());
    messages_.push_back(std::move(msg));
    if (messages_.size() < kMessagesMax && bytes_ < kBytesMax) return;
    messages_.clear();
    bytes_ = 0;
  }

 private:
  static constexpr std::size_t kMessagesMax = 64;
  static constexpr int kBytesMax = 64 * 1024;
  std::vector<MsgPtr> messages_;
  int bytes_ = 0;
};

Message Take(natsMsg* msg) {
  Message out;
  out.subject = natsMsg_GetSubject(msg);
  if (const char* reply = natsMsg_GetReply(msg)) out.reply = reply;
  out.body.assign(natsMsg_GetData(msg), static_cast<std::size_t>(natsMsg_GetDataLength(msg)));
  const char** keys = nullptr;
  int count = 0;
  if (natsMsgHeader_Keys(msg, &keys, &count) == NATS_OK) {
    for (int i = 0; i < count; ++i) {
      const char* value = nullptr;
      if (natsMsgHeader_Get(msg, keys[i], &value) == NATS_OK) out.headers.emplace_back(keys[i], value == nullptr ? "" : value);
    }
    std::free(keys);  // NOLINT: the library's malloc
  }
  if (out.body.empty()) {
    if (const std::string_view status = FindHeader(out.headers, "Status"); !status.empty()) out.status = std::atoi(status.data());
  }
  return out;
}

MsgPtr Make(std::string_view subject, const char* reply, const Headers& headers, std::string_view body) {
  natsMsg* raw = nullptr;
  Check(natsMsg_Create(&raw, std::string(subject).c_str(), reply, body.data(), static_cast<int>(body.size())), "message");
  MsgPtr msg(raw);
  for (const auto& [key, value] : headers) Check(natsMsgHeader_Set(raw, key.c_str(), value.c_str()), "header");
  return msg;
}

class Nats final : public Connection {
 public:
  explicit Nats(Options options);
  ~Nats() override { Close(std::chrono::milliseconds(500)); }

  bool connected() const override { return connected_; }
  std::uint64_t epoch() const override { return epoch_; }
  bool Publish(std::string_view subject, const Headers& headers, std::string_view body) override;
  bool PublishRequest(std::string_view subject, std::string_view reply, std::string_view body) override;
  void Request(std::string_view subject, const Headers& headers, std::string_view body, std::chrono::milliseconds timeout,
               std::function<void(Answer)> done) override;
  void Subscribe(std::string_view subject, std::string_view queue, std::function<void(Message)> handler) override;
  void StopSubscriptions() override;
  void Flush() override { loop_.Flush(); }
  void FlushSoon() override { loop_.FlushSoon(); }
  std::string NewInbox() override { return inbox_ + "s" + std::to_string(next_token_++); }
  void Close(std::chrono::milliseconds timeout) override;

 private:
  struct Pending {
    Clock::time_point deadline;
    std::function<void(Answer)> done;
  };
  struct Subscription {
    Nats* owner;
    std::string subject;
    std::string queue;
    std::function<void(Message)> handler;
    std::atomic<natsSubscription*> raw{nullptr};
    Subscription* next = nullptr;  // made before it
  };

  void ConnectLoop();
  bool ConnectOnce();
  void SetCallbacks(natsOptions* raw);
  void OpenSubscription(Subscription& subscription);
  void Deliver();
  static void Deliver(Subscription& to, Message message);
  natsStatus Send(natsConnection* connection, MsgPtr msg);
  void Reconnected();
  void Sweep();
  void OnInbox(natsMsg* msg);
  std::function<void(Answer)> ConsumePending(std::uint64_t token);
  void FailPending(Outcome outcome);

  Options options_;
  std::string password_;
  std::string inbox_;
  std::atomic<bool> connected_{false};
  std::atomic<bool> closed_{false};
  std::atomic<std::uint64_t> epoch_{0};
  std::atomic<std::uint64_t> next_token_{1};
  std::atomic<natsConnection*> connection_{nullptr};
  natsSubscription* inbox_subscription_ = nullptr;  // not destroyed, as no other is

  std::mutex subscriptions_mutex_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
  std::atomic<Subscription*> last_{nullptr};  // the same as a list, for the loop

  std::mutex pending_mutex_;
  std::condition_variable pending_wake_;
  Clock::time_point sweep_at_{};  // when the sweeper looks next
  std::unordered_map<std::uint64_t, Pending> pending_;

  std::mutex wait_mutex_;
  std::condition_variable wait_;
  NatsLoop loop_{[this] { Deliver(); }};
  std::thread connector_;
  std::thread sweeper_;
};

Nats::Nats(Options options) : options_(std::move(options)) {
  if (!options_.password_file.empty()) password_ = ReadSecret(options_.password_file);
  // A prefix per user, so that no service can listen to another's replies.
  inbox_ = "_INBOX_" + (options_.user.empty() ? std::string("any") : options_.user) + "." + ToHex(RandomBytes(8)) + ".";
  connector_ = std::thread([this] { ConnectLoop(); });
  sweeper_ = std::thread([this] { Sweep(); });
}

// The first connect may find nobody, and two refused log-ins close a connection for good: whatever
// happens, this thread makes a new one.
void Nats::ConnectLoop() {
  while (!closed_) {
    natsConnection* now = connection_;
    if (now == nullptr || natsConnection_IsClosed(now)) {
      if (!ConnectOnce()) observe::Log(observe::Level::kWarn, "nats is away", {{"url", options_.url}});
    }
    std::unique_lock lock(wait_mutex_);
    wait_.wait_for(lock, std::chrono::milliseconds(connected_ ? 1000 : 250), [this] { return closed_.load(); });
  }
}

bool Nats::ConnectOnce() {
  natsOptions* raw = nullptr;
  if (natsOptions_Create(&raw) != NATS_OK) return false;
  const std::unique_ptr<natsOptions, decltype(&natsOptions_Destroy)> holder(raw, &natsOptions_Destroy);
  const std::vector<std::string> urls = SplitText(options_.url, ',');
  std::vector<const char*> list;
  list.reserve(urls.size());
  for (const std::string& url : urls) list.push_back(url.c_str());
  natsOptions_SetServers(raw, list.data(), static_cast<int>(list.size()));
  natsOptions_SetName(raw, options_.name.c_str());
  if (!options_.user.empty()) natsOptions_SetUserInfo(raw, options_.user.c_str(), password_.c_str());
  natsOptions_SetMaxReconnect(raw, -1);
  natsOptions_SetReconnectWait(raw, 200);
  natsOptions_SetReconnectJitter(raw, 100, 100);
  natsOptions_SetPingInterval(raw, 5000);
  natsOptions_SetMaxPingsOut(raw, 2);
  natsOptions_SetTimeout(raw, 2000);
  natsOptions_SetSendAsap(raw, true);       // otherwise about 1 ms a hop before it flushes
  natsOptions_SetReconnectBufSize(raw, 0);  // nothing is kept for later: what is not sent is reported
  natsOptions_SetMaxPendingMsgs(raw, 200'000);
  natsOptions_SetCustomInboxPrefix(raw, inbox_.substr(0, inbox_.size() - 1).c_str());
  if (!options_.ca_file.empty() &&
      (natsOptions_SetSecure(raw, true) != NATS_OK || natsOptions_LoadCATrustedCertificates(raw, options_.ca_file.c_str()) != NATS_OK)) {
    observe::Log(observe::Level::kError, "the certificate authority of nats cannot be read", {{"file", options_.ca_file}});
    return false;
  }
  SetCallbacks(raw);
  natsConnection* connection = nullptr;
  if (loop_.Install(raw) != NATS_OK || natsConnection_Connect(&connection, raw) != NATS_OK) return false;
  connection_ = connection;
  const std::string all = inbox_ + "*";
  // On a thread of the library: who takes messages one by one is not told whose request had no responders.
  const auto deliver = [](natsConnection*, natsSubscription*, natsMsg* msg, void* self) { static_cast<Nats*>(self)->OnInbox(msg); };
  if (natsConnection_Subscribe(&inbox_subscription_, connection, all.c_str(), deliver, this) != NATS_OK) {
    natsConnection_Close(connection);
    return false;
  }
  natsSubscription_SetPendingLimits(inbox_subscription_, -1, -1);
  {
    const std::scoped_lock lock(subscriptions_mutex_);
    for (auto& subscription : subscriptions_) OpenSubscription(*subscription);
    // Inside: a Subscribe that comes now either was among them or finds the connection made.
    ++epoch_;
    connected_ = true;
  }
  observe::Log(observe::Level::kInfo, "nats connected", {{"url", options_.url}});
  return true;
}

void Nats::SetCallbacks(natsOptions* raw) {
  natsOptions_SetDisconnectedCB(
      raw,
      [](natsConnection*, void* self) {
        static_cast<Nats*>(self)->connected_ = false;
        static_cast<Nats*>(self)->FailPending(Outcome::kInterrupted);
        observe::Log(observe::Level::kWarn, "nats disconnected");
      },
      this);
  natsOptions_SetReconnectedCB(
      raw,
      [](natsConnection*, void* self) {
        static_cast<Nats*>(self)->Reconnected();
        observe::Log(observe::Level::kInfo, "nats reconnected");
      },
      this);
  natsOptions_SetClosedCB(
      raw, [](natsConnection*, void* self) { static_cast<Nats*>(self)->connected_ = false; }, this);
  natsOptions_SetErrorHandler(
      raw,
      [](natsConnection*, natsSubscription* sub, natsStatus status, void*) {
        // A permission violation shows nowhere else.
        observe::Count("renxin_nats_errors_total", {{"status", natsStatus_GetText(status)}});
        observe::Log(observe::Level::kError, "nats error",
                     {{"status", natsStatus_GetText(status)}, {"subject", sub == nullptr ? "" : natsSubscription_GetSubject(sub)}});
      },
      this);
}

void Nats::OpenSubscription(Subscription& subscription) {
  natsConnection* connection = connection_;
  natsSubscription* raw = nullptr;
  const natsStatus status = subscription.queue.empty() ? natsConnection_SubscribeSync(&raw, connection, subscription.subject.c_str())
                                                       : natsConnection_QueueSubscribeSync(&raw, connection, subscription.subject.c_str(),
                                                                                           subscription.queue.c_str());
  if (status != NATS_OK) {
    observe::Log(observe::Level::kError, "subscribe failed", {{"subject", subscription.subject}, {"status", natsStatus_GetText(status)}});
    return;
  }
  subscription.raw = raw;
}

// On the loop's thread, after a read: nobody else takes messages, so as many as were counted are there.
void Nats::Deliver() {
  for (Subscription* to = last_; to != nullptr; to = to->next) {
    natsSubscription* raw = to->raw;
    std::uint64_t count = 0;
    if (raw == nullptr || natsSubscription_QueuedMsgs(raw, &count) != NATS_OK) continue;
    FreedTogether done;
    for (; count > 0; --count) {
      natsMsg* msg = nullptr;
      const natsStatus status = natsSubscription_NextMsg(&msg, raw, 0);
      if (status == NATS_OK) {
        Deliver(*to, Take(msg));
        done.Add(MsgPtr(msg));
      } else if (status == NATS_NO_RESPONDERS) {  // the library keeps that message to itself
        Deliver(*to, {.status = 503});
      }
    }
  }
}

void Nats::Deliver(Subscription& to, Message message) {
  try {
    to.handler(std::move(message));
  } catch (const std::exception& error) {
    observe::Log(observe::Level::kError, "handler threw", {{"subject", to.subject}, {"what", error.what()}});
  }
}

void Nats::Subscribe(std::string_view subject, std::string_view queue, std::function<void(Message)> handler) {
  auto made = std::make_unique<Subscription>();
  made->subject = subject;
  made->queue = queue;
  made->handler = std::move(handler);
  const std::scoped_lock lock(subscriptions_mutex_);
  made->next = last_;
  last_ = made.get();
  subscriptions_.push_back(std::move(made));
  if (connected_) OpenSubscription(*subscriptions_.back());
}

// The library opens again what was open; what was asked for while the line was down, or failed, is not.
void Nats::Reconnected() {
  const std::scoped_lock lock(subscriptions_mutex_);
  for (auto& subscription : subscriptions_) {
    if (subscription->raw == nullptr) OpenSubscription(*subscription);
  }
  ++epoch_;
  connected_ = true;
}

void Nats::StopSubscriptions() {
  const std::scoped_lock lock(subscriptions_mutex_);
  for (auto& subscription : subscriptions_) {
    if (subscription->raw != nullptr) natsSubscription_Drain(subscription->raw);
  }
}

natsStatus Nats::Send(natsConnection* connection, MsgPtr msg) {
  if (loop_.stalled() && natsConnection_Buffered(connection) > kBufferedMax) return NATS_SLOW_CONSUMER;
  const natsStatus status = NatsLoop::Publish(connection, msg.get());
  if (status == NATS_OK && !Held::Any()) loop_.Flush();
  thread_local FreedTogether sent;
  sent.Add(std::move(msg));
  return status;
}

bool Nats::Publish(std::string_view subject, const Headers& headers, std::string_view body) {
  natsConnection* connection = connection_;
  if (!connected_ || connection == nullptr) return false;
  return Send(connection, Make(subject, nullptr, headers, body)) == NATS_OK;
}

bool Nats::PublishRequest(std::string_view subject, std::string_view reply, std::string_view body) {
  natsConnection* connection = connection_;
  if (!connected_ || connection == nullptr) return false;
  return Send(connection, Make(subject, std::string(reply).c_str(), {}, body)) == NATS_OK;
}

void Nats::Request(std::string_view subject, const Headers& headers, std::string_view body, std::chrono::milliseconds timeout,
                   std::function<void(Answer)> done) {
  natsConnection* connection = connection_;
  if (!connected_ || connection == nullptr) return done({Outcome::kDisconnected, {}});
  const std::uint64_t token = next_token_++;
  std::function<void(Answer)> refused;
  {
    const std::scoped_lock lock(pending_mutex_);
    if (pending_.size() >= options_.pending_max) {
      refused = std::move(done);
    } else {
      const Clock::time_point deadline = Clock::now() + timeout;
      pending_.emplace(token, Pending{deadline, std::move(done)});
      if (deadline < sweep_at_) {
        sweep_at_ = deadline;
        pending_wake_.notify_one();
      }
    }
  }
  if (refused) return refused({Outcome::kDisconnected, {}});
  const natsStatus status = Send(connection, Make(subject, (inbox_ + std::to_string(token)).c_str(), headers, body));
  if (status == NATS_OK) return;
  // Only these are known to have sent nothing; the others failed on the line.
  const bool unsent =
      status == NATS_CONNECTION_CLOSED || status == NATS_MAX_PAYLOAD || status == NATS_INVALID_ARG || status == NATS_SLOW_CONSUMER;
  if (auto back = ConsumePending(token)) back({unsent ? Outcome::kDisconnected : Outcome::kInterrupted, {}});
}

std::function<void(Answer)> Nats::ConsumePending(std::uint64_t token) {
  const std::scoped_lock lock(pending_mutex_);
  const auto found = pending_.find(token);
  if (found == pending_.end()) return nullptr;
  auto done = std::move(found->second.done);
  pending_.erase(found);
  return done;
}

void Nats::FailPending(Outcome outcome) {
  std::vector<std::function<void(Answer)>> failed;
  {
    const std::scoped_lock lock(pending_mutex_);
    for (auto& [token, pending] : pending_) failed.push_back(std::move(pending.done));
    pending_.clear();
  }
  // Sent before the line broke: it may have been carried out.
  for (auto& done : failed) done({outcome, {}});
}

void Nats::OnInbox(natsMsg* msg) {
  MsgPtr holder(msg);
  const std::string_view subject = natsMsg_GetSubject(msg);
  const std::string_view last = subject.substr(subject.rfind('.') + 1);
  const auto done = ConsumePending(std::strtoull(last.data(), nullptr, 10));
  if (!done) return;  // late: its deadline has passed
  Message message = Take(msg);
  thread_local FreedTogether freed;
  freed.Add(std::move(holder));
  const Outcome outcome = message.status == 503 ? Outcome::kNoResponders : Outcome::kReply;
  done({outcome, std::move(message)});
}

void Nats::Sweep() {
  while (!closed_) {
    std::vector<std::function<void(Answer)>> late;
    {
      std::unique_lock lock(pending_mutex_);
      while (!closed_ && Clock::now() < sweep_at_) {
        const Clock::time_point until = sweep_at_;
        pending_wake_.wait_until(lock, until);
      }
      const auto now = Clock::now();
      Clock::time_point next = now + kIdleSweep;
      for (auto it = pending_.begin(); it != pending_.end();) {
        if (it->second.deadline > now) {
          next = std::min(next, it->second.deadline);
          ++it;
          continue;
        }
        late.push_back(std::move(it->second.done));
        it = pending_.erase(it);
      }
      // Not more often than that, however close the deadlines are to each other.
      sweep_at_ = std::max(next, now + kSweepEvery);
    }
    for (auto& done : late) done({Outcome::kTimeout, {}});
  }
}

void Nats::Close(std::chrono::milliseconds timeout) {
  if (closed_.exchange(true)) return;
  wait_.notify_all();
  {
    // Not between the sweeper's look at `closed_` and its wait.
    const std::scoped_lock lock(pending_mutex_);
  }
  pending_wake_.notify_all();
  connector_.join();
  sweeper_.join();
  if (natsConnection* connection = connection_.exchange(nullptr)) {
    if (connected_) natsConnection_FlushTimeout(connection, timeout.count());
    natsConnection_Close(connection);
    // The subscriptions and the connection are not destroyed: a delivery thread may still be inside
    // one (nats.c issue 637), and the process is about to end.
  }
  loop_.Stop();
  connected_ = false;
  FailPending(Outcome::kInterrupted);
}

}  // namespace

// A connection is closed by its last owner and never destroyed: a thread of the library may still be
// inside one of its callbacks (nats.c issue 637). A process opens one.
std::shared_ptr<Connection> Connection::Open(Options options) {
  static std::mutex mutex;
  // Without spinning for its locks: with as many threads as ours it takes the time of whoever holds them.
  [[maybe_unused]] static const natsStatus opened = nats_Open(0);
  static auto* all = new std::vector<std::unique_ptr<Nats>>;
  auto made = std::make_unique<Nats>(std::move(options));
  Nats* connection = made.get();
  {
    const std::scoped_lock lock(mutex);
    all->push_back(std::move(made));
  }
  return {connection, [](Nats* closing) { closing->Close(std::chrono::milliseconds(500)); }};
}

}  // namespace renxin::bus
