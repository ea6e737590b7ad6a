#include "shared/bus/jetstream.h"

#include <boost/json.hpp>

#include <algorithm>
#include <semaphore>

#include "shared/core/text.h"

namespace renxin::bus {
namespace {

namespace json = boost::json;
constexpr std::chrono::milliseconds kApiTimeout{3'000};
constexpr std::ptrdiff_t kInFlight = 1'024;
// Spares consumers what a relay publishes once more (it waits for seconds; a killed one is back as soon). Nothing depends on it: the
// inbox knows every event. The broker holds its ids in memory: with two minutes a large import took it 120 MiB more.
constexpr std::chrono::seconds kDuplicateWindow{30};

json::object Parse(std::string_view text) {
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) throw BusError("jetstream: answer is not JSON");
  return std::move(value.as_object());
}

std::int64_t Number(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) return 0;
  return value->is_uint64() ? static_cast<std::int64_t>(value->get_uint64()) : value->is_int64() ? value->get_int64() : 0;
}

const json::object& Inner(const json::object& object, std::string_view key) {
  static const json::object kNone;
  const json::value* value = object.if_contains({key.data(), key.size()});
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

std::string Text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t Nanos(std::chrono::nanoseconds d) { return d.count(); }

}  // namespace

std::optional<std::string> JetStream::Api(const std::string& subject, const std::string& body) {
  const Answer answer = connection_->Call("$JS.API." + subject, {}, body, kApiTimeout);
  if (answer.outcome != Outcome::kReply) throw BusError("jetstream does not answer");
  const json::object object = Parse(answer.message.body);
  if (const json::object& error = Inner(object, "error"); !error.empty()) {
    if (Number(error, "code") == 404) return std::nullopt;
    throw BusError("jetstream refused " + subject + ": " + Text(error, "description"));
  }
  return answer.message.body;
}

std::optional<StreamState> JetStream::Stream(const std::string& stream) {
  const auto text = Api("STREAM.INFO." + stream, "");
  if (!text) return std::nullopt;
  const json::object info = Parse(*text);
  const json::object& state = Inner(info, "state");
  return StreamState{Text(info, "created"), Number(state, "first_seq"), Number(state, "last_seq")};
}

void JetStream::UpsertStream(const StreamConfig& config) {
  json::object wanted{{"name", config.name},
                      {"retention", "limits"},
                      {"storage", "file"},
                      {"discard", "old"},
                      {"num_replicas", 1},
                      {"max_age", Nanos(config.max_age)},
                      {"max_bytes", config.max_bytes},
                      {"max_msg_size", 256 * 1024},
                      {"duplicate_window", Nanos(kDuplicateWindow)},
                      {"deny_delete", true},
                      {"deny_purge", true}};
  json::array subjects;
  for (const std::string& subject : config.subjects) subjects.emplace_back(subject);
  wanted["subjects"] = std::move(subjects);
  const std::string verb = Stream(config.name) ? "UPDATE." : "CREATE.";
  Api("STREAM." + verb + config.name, json::serialize(wanted));
}

std::optional<ConsumerState> JetStream::Consumer(const std::string& stream, const std::string& durable) {
  const auto text = Api("CONSUMER.INFO." + stream + "." + durable, "");
  if (!text) return std::nullopt;
  const json::object info = Parse(*text);
  return ConsumerState{Number(Inner(info, "delivered"), "stream_seq"), Number(info, "num_pending"), Number(info, "num_ack_pending")};
}

void JetStream::CreateConsumer(const ConsumerConfig& config) {
  json::object wanted{{"durable_name", config.durable},     {"name", config.durable},
                      {"ack_policy", "explicit"},           {"deliver_policy", "all"},
                      {"replay_policy", "instant"},         {"max_deliver", -1},  // attempts are counted in our database
                      {"ack_wait", Nanos(config.ack_wait)}, {"max_ack_pending", config.max_ack_pending}};
  json::array subjects;
  for (const std::string& subject : config.subjects) subjects.emplace_back(subject);
  wanted["filter_subjects"] = std::move(subjects);
  const json::object request{{"stream_name", config.stream}, {"config", std::move(wanted)}};
  if (!Api("CONSUMER.CREATE." + config.stream + "." + config.durable, json::serialize(request)))
    throw BusError("stream is not there: " + config.stream);
}

void JetStream::DeleteConsumer(const std::string& stream, const std::string& durable) {
  Api("CONSUMER.DELETE." + stream + "." + durable, "");
}

std::optional<std::string> JetStream::MessageId(const std::string& stream, std::int64_t seq) {
  const auto text = Api("STREAM.MSG.GET." + stream, json::serialize(json::object{{"seq", seq}}));
  if (!text) return std::nullopt;
  const auto headers = FromBase64(Text(Inner(Parse(*text), "message"), "hdrs"));
  if (!headers) return std::nullopt;
  constexpr std::string_view kName = "Nats-Msg-Id:";
  const std::size_t at = headers->find(kName);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t end = headers->find('\r', at);
  return std::string(Trim(std::string_view(*headers).substr(at + kName.size(), end - at - kName.size())));
}

std::vector<PubAck> JetStream::PublishAll(const std::vector<Outgoing>& messages, std::chrono::milliseconds timeout) {
  struct Shared {
    explicit Shared(std::size_t count) : acks(count) {}
    std::vector<PubAck> acks;
    std::counting_semaphore<kInFlight> slots{kInFlight};
    std::mutex mutex;
    std::condition_variable wake;
    std::size_t open = 0;
  };
  const auto shared = std::make_shared<Shared>(messages.size());
  std::optional<Held> held(std::in_place);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!shared->slots.try_acquire()) {
      connection_->Flush();
      shared->slots.acquire();  // bounded: every request ends by its timeout
    }
    {
      const std::scoped_lock lock(shared->mutex);
      ++shared->open;
    }
    connection_->Request(messages[i].subject, messages[i].headers, messages[i].body, timeout, [shared, i](Answer answer) {
      if (answer.outcome == Outcome::kReply) {
        json::error_code error;
        const json::value value = json::parse(answer.message.body, error);
        if (!error && value.is_object() && Inner(value.get_object(), "error").empty()) {
          shared->acks[i] = {true, Text(value.get_object(), "stream"), Number(value.get_object(), "seq")};
        }
      }
      shared->slots.release();
      const std::scoped_lock lock(shared->mutex);
      if (--shared->open == 0) shared->wake.notify_all();
    });
  }
  held.reset();
  connection_->Flush();
  std::unique_lock lock(shared->mutex);
  shared->wake.wait(lock, [&] { return shared->open == 0; });
  return shared->acks;
}

PullStatus ClassifyPull(const Message& message) {
  switch (message.status) {
    case 0:
      return PullStatus::kMessage;
    case 100:
      return PullStatus::kHeartbeat;
    case 503:
      return PullStatus::kConsumerGone;
    case 409:
      // `Consumer Deleted`, as against `Message Size Exceeds MaxBytes` and the like.
      return FindHeader(message.headers, "Description").find("Deleted") != std::string_view::npos ? PullStatus::kConsumerGone
                                                                                                  : PullStatus::kEnded;
    default:
      return PullStatus::kEnded;
  }
}

// $JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>[.<random>]
Position PositionOf(const std::string& reply) {
  const std::vector<std::string> parts = SplitText(reply, '.');
  const std::size_t at = parts.size() >= 11 ? 7 : 5;
  const auto number = [&](std::size_t index) { return parts.size() > index ? std::strtoll(parts[index].c_str(), nullptr, 10) : 0; };
  return {number(at), number(at + 3), number(at - 1)};
}

PullLoop::PullLoop(std::shared_ptr<Connection> connection, std::string stream, std::string durable, int batch)
    : connection_(std::move(connection)),
      stream_(std::move(stream)),
      subject_("$JS.API.CONSUMER.MSG.NEXT." + stream_ + "." + durable),
      batch_(batch) {
  inbox_ = connection_->NewInbox() + ".pull";
  connection_->Subscribe(inbox_, "", [state = state_](Message message) { OnMessage(*state, std::move(message)); });
}

void PullLoop::OnMessage(State& state, Message message) {
  const PullStatus status = ClassifyPull(message);
  {
    const std::scoped_lock lock(state.mutex);
    if (status == PullStatus::kMessage) {
      --state.expected;
      state.arrived.push_back(std::move(message));
    } else if (status != PullStatus::kHeartbeat) {
      state.expected = 0;
      if (status == PullStatus::kConsumerGone) state.gone = true;
    }
  }
  state.wake.notify_one();
}

void PullLoop::Reset() {
  const std::scoped_lock lock(state_->mutex);
  state_->expected = 0;
  state_->gone = false;
  position_ = {};
}

void PullLoop::Stop() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopped = true;
  }
  state_->wake.notify_all();
}

void PullLoop::RequestMore() {
  // A consumer that reads a block which is no longer in the broker's memory has it read from disk for every single message, all 8 MiB
  // of it, and forgotten again (nats-server 2.10.27; docs/adr/0013-broker-holds-what-comes-next.md). A message fetched by its number
  // leaves the block there for ten seconds; nobody waits for the answer. Twice the span: as much again may have arrived without being
  // handed out.
  if (position_.pending > batch_) {
    connection_->PublishRequest("$JS.API.STREAM.MSG.GET." + stream_, inbox_ + ".ahead",
                                R"({"seq":)" + std::to_string(position_.seq + 2 * span_) + "}");
  }
  connection_->PublishRequest(subject_, inbox_, R"({"batch":)" + std::to_string(batch_) + R"(,"expires":5000000000})");
}

// What comes again says nothing of where the consumer stands.
void PullLoop::Remember(const std::vector<Message>& batch) {
  constexpr std::int64_t kFarthest = std::int64_t{1} << 48;  // no stream comes so far; sums below cannot overflow
  std::int64_t first = 0;
  std::int64_t count = 0;
  for (const Message& message : batch) {
    const Position position = PositionOf(message.reply);
    if (position.delivered != 1 || position.seq <= 0 || position.seq > kFarthest) continue;
    if (count++ == 0) first = position.seq;
    position_ = position;
  }
  if (count > 0) span_ = std::max<std::int64_t>(1, (position_.seq - first) / std::max<std::int64_t>(1, count - 1)) * batch_;
}

std::vector<Message> PullLoop::Next(std::chrono::milliseconds wait) {
  const auto now = std::chrono::steady_clock::now();
  bool ask = false;
  {
    const std::scoped_lock lock(state_->mutex);
    if (state_->stopped) return {};
    // The server does not always say that a pull has ended; our own clock does.
    const bool over = state_->expected <= 0 || now > state_->pull_ends || state_->epoch != connection_->epoch();
    ask = state_->arrived.size() < static_cast<std::size_t>(batch_) && over && connection_->connected();
    if (ask) {
      state_->expected = batch_;
      state_->pull_ends = now + std::chrono::seconds(6);
      state_->epoch = connection_->epoch();
    }
  }
  if (ask) RequestMore();
  std::unique_lock lock(state_->mutex);
  state_->wake.wait_for(lock, wait, [this] { return state_->stopped || state_->gone || !state_->arrived.empty(); });
  std::vector<Message> out;
  while (!state_->arrived.empty() && out.size() < static_cast<std::size_t>(batch_)) {
    out.push_back(std::move(state_->arrived.front()));
    state_->arrived.pop_front();
  }
  Remember(out);
  return out;
}

void Ack(Connection& connection, const Message& message) { connection.Publish(message.reply, {}, "+ACK"); }
void Term(Connection& connection, const Message& message) { connection.Publish(message.reply, {}, "+TERM"); }
void NakAfter(Connection& connection, const Message& message, std::chrono::milliseconds delay) {
  connection.Publish(message.reply, {}, R"(-NAK {"delay":)" + std::to_string(Nanos(delay)) + "}");
}

}  // namespace renxin::bus
