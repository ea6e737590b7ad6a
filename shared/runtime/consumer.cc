#include "shared/runtime/consumer.h"

#include <boost/json.hpp>

#include <algorithm>
#include <unordered_set>

#include "shared/core/crash.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/envelope.h"
#include "shared/runtime/relay.h"

namespace renxin::runtime {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPullBatch = 128;
constexpr std::chrono::milliseconds kLaneTimeout{20'000};

void WriteDeadLetter(Tx& tx, const Environment& env, const std::string& consumer, const bus::Message& message, std::string_view reason,
                     int attempts) {
  const std::string id = NewId();
  const std::string event_id = EventId(message).empty() ? id : EventId(message);
  tx.Exec(
      "insert into dead_letters (id, consumer, event_id, subject, reason, attempts, message, created_at) "
      "values (:id, :consumer, :event, :subject, :reason, :attempts, :message, :now) on conflict do nothing",
      {{"id", id},
       {"consumer", consumer},
       {"event", event_id},
       {"subject", message.subject},
       {"reason", reason},
       {"attempts", attempts},
       {"message", env.sealer.SealForService("dead_letters:" + id, PackMessage(message))},
       {"now", Now().micros}});
  observe::Count("renxin_dead_letters_total", {{"consumer", consumer}});
  observe::Log(observe::Level::kError, "dead letter", {{"consumer", consumer}, {"event_id", event_id}, {"reason", reason}});
}

}  // namespace

std::string PackMessage(const bus::Message& message) {
  boost::json::object headers;
  for (const auto& [key, value] : message.headers) headers[key] = value;
  return boost::json::serialize(boost::json::object{{"subject", message.subject}, {"headers", headers}, {"body", ToBase64(message.body)}});
}

bus::Message UnpackMessage(const std::string& text) {
  const boost::json::object object = boost::json::parse(text).as_object();
  bus::Message message;
  message.subject = std::string(object.at("subject").as_string());
  for (const auto& header : object.at("headers").as_object()) {
    message.headers.emplace_back(std::string(header.key()), std::string(header.value().as_string()));
  }
  message.body = FromBase64(std::string_view(object.at("body").as_string())).value_or("");
  return message;
}

Consumer::Consumer(Reaction reaction, const Environment& env, db::Lanes& lanes, db::Readers& readers,
                   std::shared_ptr<bus::Connection> connection, std::chrono::milliseconds check_every)
    : reaction_(std::move(reaction)),
      env_(env),
      lanes_(lanes),
      readers_(readers),
      connection_(connection),
      stream_(connection),
      pull_(connection, StreamOf(reaction_.publisher), reaction_.consumer, kPullBatch),
      check_every_(check_every),
      thread_([this] { Loop(); }) {}

Consumer::~Consumer() { Stop(); }

void Consumer::Stop() {
  stopping_ = true;
  pull_.Stop();
  if (thread_.joinable()) thread_.join();
}

ConsumerProgress Consumer::Progress() {
  const auto state = stream_.Consumer(StreamOf(reaction_.publisher), reaction_.consumer);
  if (!state) throw bus::BusError("consumer is not there yet: " + reaction_.consumer);
  return {reaction_.consumer, state->pending, state->ack_pending, state->delivered_seq};
}

void Consumer::Loop() {
  while (!stopping_) {
    try {
      if (!connection_->connected()) {
        pull_.Next(std::chrono::milliseconds(100));
        continue;
      }
      if (connection_epoch_ != connection_->epoch() || pull_.consumer_gone() || Clock::now() - checked_ > check_every_) CreateOrUpdate();
      const std::vector<bus::Message> messages = pull_.Next(std::chrono::milliseconds(500));
      if (!messages.empty()) Handle(messages);
    } catch (const std::exception& error) {
      observe::Log(observe::Level::kWarn, "consumer failed, will go on", {{"consumer", reaction_.consumer}, {"what", error.what()}});
      // What was taken and not acknowledged comes again by itself; a pause spares broker and database.
      pull_.Next(std::chrono::milliseconds(300));
    }
  }
}

std::optional<Consumer::Seen> Consumer::LastSeen() {
  std::optional<std::tuple<std::string, std::int64_t, std::string>> row;
  const auto read = [&](Tx& tx) {
    row = tx.First<std::string, std::int64_t, std::string>(
        "select stream_epoch, stream_seq, event_id from consumer_state where consumer = :consumer", {{"consumer", reaction_.consumer}});
  };
  readers_.Run(kLaneTimeout, read, db::Reads::kStatement);
  if (!row) return std::nullopt;
  return Seen{std::get<0>(*row), std::get<1>(*row), std::get<2>(*row)};
}

bool Consumer::StreamWasReset(const Seen& seen, const bus::StreamState& state) {
  if (seen.epoch != state.created || seen.seq > state.last_seq) return true;
  return seen.seq >= state.first_seq && seen.seq > 0 && stream_.MessageId(StreamOf(reaction_.publisher), seen.seq) != seen.event_id;
}

void Consumer::CreateOrUpdate() {
  const std::uint64_t connection_epoch = connection_->epoch();
  const std::string stream = StreamOf(reaction_.publisher);
  // The stream is asked last: while events flow it grows between two questions, and a consumer that was
  // asked after its stream would look as if it stood ahead of it.
  const std::optional<Seen> seen = LastSeen();
  auto consumer = stream_.Consumer(stream, reaction_.consumer);
  const auto state = stream_.Stream(stream);
  if (!state) throw bus::BusError("stream " + stream + " is not there: renxin provision");
  // A durable that is ahead of its stream is delivered nothing, without an error: recreated, the
  // inbox leaves out what was seen.
  const bool ahead = consumer && consumer->delivered_seq > state->last_seq;
  if (ahead || (seen && StreamWasReset(*seen, *state))) {
    observe::Count("renxin_consumer_stream_resets_total", {{"consumer", reaction_.consumer}});
    observe::Log(observe::Level::kWarn, "stream was reset, consumer is recreated", {{"consumer", reaction_.consumer}});
    // In this order: one that fails or dies in between finds the stream reset again.
    if (consumer) stream_.DeleteConsumer(stream, reaction_.consumer);
    lanes_.For(reaction_.consumer).Run(kLaneTimeout, [&](Tx& tx) {
      tx.Exec("delete from consumer_state where consumer = :consumer", {{"consumer", reaction_.consumer}});
      return true;
    });
    consumer.reset();
  }
  if (!consumer) {
    stream_.CreateConsumer({.stream = stream,
                            .durable = reaction_.consumer,
                            .subjects = {EventSubject(reaction_.publisher, reaction_.event),
                                         ReplaySubject(reaction_.publisher, reaction_.consumer, reaction_.event)}});
  }
  // Only then is an open pull worth nothing: a routine look must not let pulls pile up at the broker.
  if (!consumer || pull_.consumer_gone() || connection_epoch_ != connection_epoch) pull_.Reset();
  stream_epoch_ = state->created;
  connection_epoch_ = connection_epoch;
  checked_ = Clock::now();
}

void Consumer::Handle(const std::vector<bus::Message>& messages) {
  try {
    Refused refused;
    for (bool processed = false; !processed;) {
      lanes_.For(reaction_.consumer).Run(kLaneTimeout, [&](Tx& tx) { return processed = Process(tx, messages, &refused); });
    }
  } catch (const std::exception&) {
    if (messages.size() > 1) {
      for (const bus::Message& message : messages) Handle({message});
      return;
    }
    return HandleAlone(messages.front());
  }
  CrashPoint("before_ack");
  {
    const bus::Held held;
    for (const bus::Message& message : messages) bus::Ack(*connection_, message);
  }
  connection_->Flush();
}

// It has thrown on its own: count, wait longer each time, give up at the limit.
void Consumer::HandleAlone(const bus::Message& message) {
  std::int64_t attempts = 0;
  lanes_.For(reaction_.consumer).Run(kLaneTimeout, [&](Tx& tx) {
    tx.Exec(
        "insert into consumer_attempts (consumer, event_id, attempts) values (:consumer, :event, 1) "
        "on conflict (consumer, event_id) do update set attempts = consumer_attempts.attempts + 1",
        {{"consumer", reaction_.consumer}, {"event", EventId(message)}});
    attempts =
        std::get<0>(*tx.First<std::int64_t>("select attempts from consumer_attempts where consumer = :consumer and event_id = :event",
                                            {{"consumer", reaction_.consumer}, {"event", EventId(message)}}));
    if (attempts >= kAttemptsMax)
      WriteDeadLetter(tx, env_, reaction_.consumer, message, "failed again and again", static_cast<int>(attempts));
    return true;
  });
  if (attempts >= kAttemptsMax) return bus::Term(*connection_, message);
  bus::NakAfter(*connection_, message, std::chrono::milliseconds(100 << attempts));
}

bool Consumer::Process(Tx& tx, const std::vector<bus::Message>& messages, Refused* refused) {
  std::vector<std::string> ids;
  ids.reserve(messages.size());
  for (const bus::Message& message : messages) ids.push_back(EventId(message));
  std::unordered_set<std::string> seen;
  if (!PlantedFault("no_inbox")) {
    for (auto& [id] : tx.SelectIn<std::string>("select event_id from inbox where consumer = :consumer and event_id in (:keys)", ids,
                                               {{"consumer", reaction_.consumer}})) {
      seen.insert(id);
    }
  }
  std::int64_t highest = 0;
  std::string highest_id;
  std::vector<std::vector<db::Value>> fresh;
  std::vector<DeliveredMessage> delivered;
  std::vector<std::size_t> delivered_at;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const bool replay = messages[i].subject.rfind("rp.", 0) == 0;
    if (const std::int64_t seq = bus::PositionOf(messages[i].reply).seq; seq > highest) {
      highest = seq;
      highest_id = replay ? std::string(bus::FindHeader(messages[i].headers, "Nats-Msg-Id")) : ids[i];
    }
    if (!ids[i].empty() && !seen.insert(ids[i]).second && !PlantedFault("no_inbox")) continue;
    // Malformed or refused: nothing will make it better, and the others must not wait for it.
    if (const auto why = refused->find(i); why != refused->end()) {
      WriteDeadLetter(tx, env_, reaction_.consumer, messages[i], why->second, 1);
    } else if (auto parsed = Parse(messages[i]); parsed.ok()) {
      delivered.push_back(std::move(*parsed));
      delivered_at.push_back(i);
    } else {
      WriteDeadLetter(tx, env_, reaction_.consumer, messages[i], parsed.error().message, 1);
    }
    if (!ids[i].empty()) fresh.push_back({reaction_.consumer, ids[i], Now().micros});
  }
  const std::int64_t writes_before = tx.writes();
  const std::vector<Status> done = delivered.empty() ? std::vector<Status>() : reaction_.run(tx, delivered);
  const bool wrote = tx.writes() != writes_before;
  bool sound = true;
  for (std::size_t i = 0; i < done.size(); ++i) {
    if (done[i]) continue;
    sound = false;
    (*refused)[delivered_at[i]] = done[i].error().message;
    if (!wrote) WriteDeadLetter(tx, env_, reaction_.consumer, messages[delivered_at[i]], done[i].error().message, 1);
  }
  // What a reaction wrote before it refused does not stand.
  if (!sound && wrote) return false;
  if (PlantedFault("no_inbox")) fresh.clear();
  const std::int64_t rows = static_cast<std::int64_t>(fresh.size());
  tx.Flush();
  // Fewer than expected: another replica did one of them just now. Roll back and look again.
  if (tx.ExecRows("insert into inbox (consumer, event_id, received_at)", {}, fresh, "on conflict do nothing") != rows) {
    throw db::DbError(db::ErrorKind::kRetry, "inbox raced");
  }
  if (highest > 0) StoreProgress(tx, highest, highest_id);
  return true;
}

void Consumer::StoreProgress(Tx& tx, std::int64_t seq, const std::string& event_id) const {
  tx.Exec(
      "insert into consumer_state (consumer, stream_epoch, stream_seq, event_id) values (:consumer, :epoch, :seq, :event) "
      "on conflict (consumer) do update set stream_epoch = excluded.stream_epoch, stream_seq = excluded.stream_seq, "
      "event_id = excluded.event_id where excluded.stream_epoch <> consumer_state.stream_epoch "
      "or excluded.stream_seq > consumer_state.stream_seq",
      {{"consumer", reaction_.consumer}, {"epoch", stream_epoch_}, {"seq", seq}, {"event", event_id}});
}

Result<DeliveredMessage> Consumer::Parse(const bus::Message& message) const {
  Result<DeliveredMessage> read = ReadEnvelope(message, reaction_.make(), env_, Now());
  if (read) {
    const observe::TraceScope scope(read->trace);
    observe::Log(observe::Level::kDebug, "event", {{"consumer", reaction_.consumer}, {"event_id", read->ctx.event_id}});
  }
  return read;
}

Status Consumer::RunAgain(Tx& tx, const bus::Message& message) {
  ASSIGN_OR_RETURN(DeliveredMessage one, Parse(message));
  std::vector<DeliveredMessage> delivered;
  delivered.push_back(std::move(one));
  return reaction_.run(tx, delivered).front();
}

}  // namespace renxin::runtime
