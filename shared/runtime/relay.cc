#include "shared/runtime/relay.h"
#include "shared/db/rows.h"

#include <algorithm>

#include "shared/core/crash.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"
#include "shared/runtime/rewind.h"

namespace renxin::runtime {
namespace {

using Clock = std::chrono::steady_clock;
using Outgoing = bus::JetStream::Outgoing;

constexpr std::chrono::milliseconds kAckTimeout{4'000};
constexpr std::chrono::seconds kCheckEvery{30};
// What a process committed that died before it published is found by another replica's poll.
constexpr std::chrono::seconds kPollEvery{5};
constexpr std::chrono::milliseconds kPause{250};
// From one run to the next one: where commands come one after the other, the events of several go together, and the lanes, the broker and
// the consumers have that much less to do. The first event after a pause goes at once.
constexpr std::chrono::milliseconds kPace{20};
// How many of the rows at the upper end are compared with the stream, when all are as they should be.
constexpr std::size_t kSample = 16;
constexpr std::int64_t kPublishBatch = 512;
// Longer than the stream keeps messages: nothing older can be missing from it for a consumer's sake.
constexpr std::chrono::hours kHorizon{30 * 24};

struct Row {
  std::int64_t seq = 0;
  std::string event_id;
  std::string name;
  std::string aggregate_id;
  std::int64_t version = 0;
  Instant occurred_at;
  Instant recorded_at;
  std::string trace;
  std::string body;
};
const db::Rows<Row> kOutbox("outbox", {{"seq", &Row::seq},
                                       {"event_id", &Row::event_id},
                                       {"name", &Row::name},
                                       {"aggregate_id", &Row::aggregate_id},
                                       {"aggregate_version", &Row::version},
                                       {"occurred_at", &Row::occurred_at},
                                       {"recorded_at", &Row::recorded_at},
                                       {"traceparent", &Row::trace},
                                       {"body", &Row::body}});

// CloudEvents 1.0 attributes, and the trace.
Outgoing ToOutgoing(const std::string& service, const std::string& subject, const std::string& message_id, const Row& row) {
  Outgoing out{.subject = subject,
               .headers = {{"Nats-Msg-Id", message_id},
                           {"ce-specversion", "1.0"},
                           {"ce-id", row.event_id},
                           {"ce-source", "/renxin/" + service},
                           {"ce-type", "renxin." + service + ".v1." + row.name},
                           {"ce-subject", row.aggregate_id},
                           {"ce-time", FormatTime(row.occurred_at)},
                           {"renxin-version", std::to_string(row.version)},
                           {"renxin-recorded", FormatTime(row.recorded_at)}},
               .body = FromBase64(row.body).value_or("")};
  if (!row.trace.empty()) out.headers.emplace_back("traceparent", row.trace);
  return out;
}

void Mark(db::Tx& tx, const std::vector<Row>& rows, const std::vector<bus::PubAck>& acks, const std::string& epoch) {
  std::vector<std::vector<db::Value>> values;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (acks[i].stored) values.push_back({rows[i].seq, acks[i].seq, epoch});
  }
  tx.ExecRows("update outbox set stream_seq = v.column2, stream_epoch = v.column3 from (", {"bigint", "bigint", "text"}, values,
              ") as v where outbox.seq = v.column1");
}

}  // namespace

std::string StreamOf(std::string_view service) {
  std::string name = "EV_" + std::string(service);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string EventSubject(std::string_view service, std::string_view name) {
  return "ev.renxin." + std::string(service) + ".v1." + std::string(name);
}

std::string ReplaySubject(std::string_view service, std::string_view consumer, std::string_view name) {
  return "rp.renxin." + std::string(service) + ".v1." + std::string(consumer) + "." + std::string(name);
}

Relay::Relay(std::string service, std::string url, db::Lanes& lanes, std::shared_ptr<bus::Connection> connection,
             std::unique_ptr<LiveHeaders> live)
    : service_(std::move(service)),
      url_(std::move(url)),
      lanes_(lanes),
      stream_(std::move(connection)),
      live_(std::move(live)),
      waiter_(kPollEvery),
      thread_([this] { Loop(); }) {}

Relay::~Relay() { FlushAndStop(std::chrono::milliseconds(0)); }

void Relay::FlushAndStop(std::chrono::milliseconds timeout) {
  if (!thread_.joinable()) return;
  waiter_.Stop();
  thread_.join();
  const auto end = Clock::now() + timeout;
  try {
    while (sound_ && Clock::now() < end && stream_.connection().connected() && PublishSome()) {
    }
  } catch (const std::exception& error) {
    observe::Log(observe::Level::kWarn, "last relay run failed", {{"what", error.what()}});
  }
}

void Relay::Loop() {
  std::uint64_t seen = 0;
  const auto connected_again = [this] { return stream_.connection().connected() && connection_epoch_ != stream_.connection().epoch(); };
  for (;;) {
    const Waiter::Reason why = waiter_.Wait(&seen, std::nullopt, connected_again);
    if (why == Waiter::Reason::kStopped) return;
    // What cannot be sent now is looked for with the next connection.
    if (!stream_.connection().connected()) continue;
    try {
      RunOnce(why == Waiter::Reason::kNotified);
      waiter_.Pause(kPace);
    } catch (const std::exception& error) {
      observe::Count("renxin_relay_errors_total");
      observe::Log(observe::Level::kWarn, "relay failed, will go on", {{"what", error.what()}});
      session_.reset();
      // Not at full speed against a broker or a database that is down.
      waiter_.Pause(kPause);
      waiter_.Notify();
    }
  }
}

void Relay::RunOnce(bool notified) {
  if (connection_epoch_ != stream_.connection().epoch() || Clock::now() - checked_ > kCheckEvery) CheckStreamReset();
  if (!sound_) return;
  // A poll that finds nothing is one statement and holds nothing.
  if (!notified && !AnyUnsent()) return;
  while (PublishSome()) {
    if (waiter_.stopping()) return;
  }
}

db::Session& Relay::Ready() {
  if (!session_ || !session_->healthy()) session_ = std::make_unique<db::Session>(url_);
  return *session_;
}

bool Relay::AnyUnsent() {
  db::Tx tx(Ready(), true, db::Reads::kStatement);
  return tx.First<std::int64_t>("select seq from outbox where stream_seq is null order by seq limit 1").has_value();
}

bool Relay::PublishSome() {
  const bool sqlite = Ready().dialect() == db::Dialect::kSqlite;
  // On PostgreSQL the rows stay locked until they are marked: a second replica takes others. SQLite
  // has one process and one writer, the lane.
  db::Tx tx(*session_, sqlite);
  std::string where = "where stream_seq is null order by seq limit " + std::to_string(kPublishBatch);
  where += tx.ForUpdateSkipLocked();
  const std::vector<Row> rows = kOutbox.Select(tx, where, {});
  if (rows.empty()) return false;
  const auto mark = [&](db::Tx& with, const std::vector<bus::PubAck>& acks) { Mark(with, rows, acks, epoch_); };
  const auto store = [&](const std::vector<bus::PubAck>& acks) {
    if (sqlite) {
      tx.Rollback();
      lanes_.Any().Run(std::chrono::milliseconds(5'000), [&](db::Tx& writer) {
        mark(writer, acks);
        return true;
      });
    } else {
      mark(tx, acks);
      tx.Commit();
    }
  };
  if (PlantedFault("mark_before_ack")) {
    store(std::vector<bus::PubAck>(rows.size(), bus::PubAck{.stored = true, .stream = "", .seq = 1}));
  }
  CrashPoint("before_publish");
  std::vector<Outgoing> messages;
  messages.reserve(rows.size());
  if (live_) live_->Begin(tx, Now());
  for (const Row& row : rows) {
    Outgoing& message = messages.emplace_back(ToOutgoing(service_, EventSubject(service_, row.name), row.event_id, row));
    if (live_) live_->Add(row.name, message.body, row.recorded_at, &message.headers);
  }
  const std::vector<bus::PubAck> acks = stream_.PublishAll(messages, kAckTimeout);
  CrashPoint("before_mark");
  if (PlantedFault("mark_before_ack")) return true;
  const auto stored = std::count_if(acks.begin(), acks.end(), [](const bus::PubAck& ack) { return ack.stored; });
  if (stored > 0) store(acks);
  observe::Count("renxin_events_published_total", {}, static_cast<double>(stored));
  if (static_cast<std::size_t>(stored) < rows.size()) throw bus::BusError("the stream did not acknowledge every event");
  return rows.size() == static_cast<std::size_t>(kPublishBatch);
}

std::int64_t Relay::LastGood(const bus::StreamState& state) {
  std::int64_t good = state.last_seq;
  bool wrong_seen = false;
  // The rows at the top together, then ever further down one by one until one is as it should be.
  for (std::size_t offset = 0; good > 0; offset = offset == 0 ? kSample : 2 * offset) {
    const std::string count = std::to_string(offset == 0 ? kSample : 1);
    const auto sample = db::Tx(Ready(), true, db::Reads::kStatement)
                            .Select<std::int64_t, std::string>(
                                "select stream_seq, event_id from outbox where stream_seq is not null and stream_epoch = :epoch and "
                                "stream_seq <= :last order by stream_seq desc limit " +
                                    count + " offset :offset",
                                {{"epoch", state.created}, {"last", state.last_seq}, {"offset", offset}});
    for (const auto& [seq, event_id] : sample) {
      if (seq < state.first_seq) return good;
      if (stream_.MessageId(StreamOf(service_), seq) != event_id) {
        wrong_seen = true;
        good = seq - 1;
      } else if (wrong_seen) {
        return seq;
      }
    }
    if (sample.empty() || !wrong_seen) return good;
  }
  return good;
}

void Relay::CheckStreamReset() {
  const std::uint64_t connection_epoch = stream_.connection().epoch();
  sound_ = false;
  // Before the stream is asked: what another replica publishes in between stands above its last, and is no reset.
  const auto highest = HighestPlaces(Ready());
  const auto state = stream_.Stream(StreamOf(service_));
  if (!state) throw bus::BusError("stream " + StreamOf(service_) + " is not there: renxin provision");
  const Instant horizon = Now().Plus(-kHorizon);
  std::int64_t again = 0;
  for (const auto& [epoch, top] : highest) {
    // In this life what stands above the last good one is sent again; of an earlier life everything.
    const std::int64_t good = epoch == state->created ? LastGood(*state) : 0;
    if (top <= good || !AnyRecordedAfter(Ready(), epoch, horizon)) continue;
    again += MarkUnsent(lanes_.Any(), epoch, good, top, horizon, [this] { return waiter_.stopping(); });
  }
  if (again > 0) observe::Log(observe::Level::kWarn, "stream was reset, publishing again", {{"events", again}});
  if (waiter_.stopping()) return;
  sound_ = true;
  epoch_ = state->created;
  connection_epoch_ = connection_epoch;
  checked_ = Clock::now();
}

Result<std::int64_t> Relay::Replay(const std::string& consumer, Instant from) {
  std::int64_t after = 0;
  std::int64_t count = 0;
  db::Session session(url_);
  for (;;) {
    std::vector<Row> rows;
    {
      db::Tx tx(session, true);
      rows = kOutbox.Select(tx, "where recorded_at >= :from and seq > :after order by seq limit 512",
                            {{"from", from.micros}, {"after", after}});
      tx.Rollback();
    }
    if (rows.empty()) return count;
    after = rows.back().seq;
    std::vector<Outgoing> messages;
    messages.reserve(rows.size());
    for (const Row& row : rows) {
      // An id of its own: the stream has seen the event's id within its window.
      messages.push_back(ToOutgoing(service_, ReplaySubject(service_, consumer, row.name), "replay-" + NewId(), row));
    }
    for (const bus::PubAck& ack : stream_.PublishAll(messages, kAckTimeout)) {
      if (!ack.stored) return Error{Code::kUnavailable, Reason::kServiceUnavailable, "the stream did not take the replay", {}, 1'000};
      ++count;
    }
  }
}

}  // namespace renxin::runtime
