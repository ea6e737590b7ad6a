#include "shared/db/platform_tables.h"

#include <algorithm>
#include <stdexcept>

#include "renxin/options/v1/event.pb.h"
#include "shared/core/text.h"
#include "shared/db/lookup.h"
#include "shared/db/rows.h"
#include "shared/db/stored.h"
#include "shared/observe/log.h"

namespace renxin::db {
namespace {

constexpr int kForgottenAtOnce = 50;

const InsertSpec kOutbox{
    .table = "outbox",
    .columns = {"event_id", "name", "aggregate_id", "aggregate_version", "occurred_at", "recorded_at", "traceparent", "body"}};
const InsertSpec kHistory{.table = "history",
                          .columns = {"record_kind", "record_id", "at", "by_whom", "from_what", "to_what", "why", "reason"}};
const UpsertSpec kAlias{.table = "aliases", .columns = {"kind", "source", "outside_no", "target_id", "version"}, .key_columns = 3};

const InsertSpec kTimer{.table = "timers",
                        .columns = {"kind", "key", "due_at", "attempts"},
                        .suffix = "on conflict (kind, key) do update set due_at = excluded.due_at, attempts = 0, failure = null, failed_at = null",
                        .key_columns = 2};

const InsertSpec kAnswer{.table = "idempotency",
                         .columns = {"key_hash", "request_hash", "answer", "created_at"},
                         .suffix = "on conflict (key_hash) do nothing",
                         .must_be_new = true};
const Lookup<std::string, std::string, std::string, std::int64_t> kAnswers(
    {.sql = "select key_hash, request_hash, answer, created_at from idempotency where key_hash in (:keys)",
     .table = "idempotency",
     .key = "key_hash"});

std::string ReasonSealContext(std::string_view kind, std::string_view id) { return "history:" + std::string(kind) + "/" + std::string(id); }

struct StoredChange : Change {
  std::string reason;  // sealed
};
const Rows<StoredChange> kChanges("history", {{"seq", &Change::seq},
                                              {"at", &Change::at},
                                              {"by_whom", &Change::by},
                                              {"from_what", &Change::from},
                                              {"to_what", &Change::to},
                                              {"why", &Change::why},
                                              {"reason", &StoredChange::reason}});

}  // namespace

void Publish(Tx& tx, const EventHead& head, const google::protobuf::Message& event) {
  const auto& options = event.GetDescriptor()->options();
  if (!options.HasExtension(options::v1::event)) throw std::logic_error("not an event: " + event.GetTypeName());
  const observe::Trace* trace = observe::TraceScope::Current();
  tx.Stage(kOutbox,
           {NewId(), options.GetExtension(options::v1::event).name(), head.aggregate_id, head.aggregate_version, head.occurred_at.micros,
            head.recorded_at.micros, trace == nullptr ? Value() : Value(trace->ToHeader()), ToBase64(event.SerializeAsString())});
}

void Schedule(Tx& tx, std::string_view kind, std::string_view key, Instant due) {
  tx.Stage(kTimer, {std::string(kind), std::string(key), due.micros, std::int64_t{0}});
}

void Unschedule(Tx& tx, std::string_view kind, std::string_view key) {
  tx.Exec("delete from timers where kind = :kind and key = :key", {{"kind", kind}, {"key", key}});
}

void AppendHistory(Tx& tx, const Change& change) {
  tx.Stage(kHistory, {change.record_kind, change.record_id, change.at.micros, change.by, TextOrNull(change.from), TextOrNull(change.to),
                      TextOrNull(change.why), Value()});
}

void AppendSealedHistory(Tx& tx, const privacy::Sealer& sealer, const Change& change) {
  const Value reason =
      change.why.empty() ? Value() : Value(sealer.SealForService(ReasonSealContext(change.record_kind, change.record_id), change.why));
  tx.Stage(kHistory, {change.record_kind, change.record_id, change.at.micros, change.by, TextOrNull(change.from), TextOrNull(change.to),
                      Value(), reason});
}

contract::Paged<Change> ListHistory(Tx& tx, const privacy::Sealer& sealer, std::string_view record_kind, std::string_view record_id,
                                    const contract::Page& page) {
  std::vector<Change> out;
  for (StoredChange& change : kChanges.Select(
           tx, "where record_kind = :kind and record_id = :id and seq > :after order by seq limit " + std::to_string(page.fetch()),
           {{"kind", record_kind}, {"id", record_id}, {"after", page.Number(0)}})) {
    change.record_kind = record_kind;
    change.record_id = record_id;
    if (!change.reason.empty()) change.why = sealer.OpenForService(ReasonSealContext(record_kind, record_id), change.reason);
    out.push_back(std::move(change));
  }
  return contract::Cut(kHistoryList, page, std::move(out),
                       [](const Change& change) { return std::vector<std::string>{std::to_string(change.seq)}; });
}

std::vector<Change> HistoryOf(Tx& tx, const privacy::Sealer& sealer, std::string_view record_kind, std::string_view record_id) {
  return ListHistory(tx, sealer, record_kind, record_id, contract::Page(contract::Page::kMaxSize)).rows;
}

Result<std::optional<std::string>> StoredAnswer(Tx& tx, const privacy::Sealer& sealer, std::string_view key_hash,
                                                std::string_view request_hash, Instant now, Look look) {
  const std::vector<std::string> keys{std::string(key_hash)};
  const auto rows = look == Look::kAgain ? kAnswers.GetAgain(tx, keys) : kAnswers.Get(tx, keys);
  if (rows.empty()) return std::optional<std::string>();
  const auto& [key, request, answer, created_at] = rows.front();
  if (Instant{created_at} < now.Plus(-kAnswerKept)) {
    if (!tx.read_only()) tx.Exec("delete from idempotency where key_hash = :key", {{"key", key_hash}});
    return std::optional<std::string>();
  }
  if (request != request_hash) {
    return Error{Code::kInvalidArgument, Reason::kIdempotencyKeyReused, "this Idempotency-Key was used for another request"};
  }
  return std::optional<std::string>(sealer.OpenForService("idempotency:" + std::string(key_hash), answer));
}

void WantAnswer(Tx& tx, std::string_view key_hash) { kAnswers.Want(tx, {std::string(key_hash)}); }

void StoreAnswer(Tx& tx, const privacy::Sealer& sealer, std::string_view key_hash, std::string_view request_hash, std::string_view answer,
                 Instant now, std::chrono::seconds keep) {
  // One that is kept shorter is as old as if it had been stored that much earlier: all end by one rule. What of them is
  // over holds tokens, so it does not wait for maintenance where more of them come.
  const Instant end = now.Plus(-kAnswerKept);
  if (keep < kAnswerKept) DeleteOldest(tx, kAgedAnswers, kBeginning, end, kForgottenAtOnce);
  tx.Stage(kAnswer, {std::string(key_hash), std::string(request_hash),
                     sealer.SealForService("idempotency:" + std::string(key_hash), answer), end.Plus(std::min(keep, kAnswerKept)).micros});
}

void HoldKeys(Tx& tx, std::string_view kind, const std::vector<std::string>& keys) { tx.HoldLocks(kind, keys); }

void StoreAlias(Tx& tx, std::string_view kind, std::string_view source, std::string_view outside_no, std::string_view target_id,
                std::int64_t version) {
  tx.Upsert(kAlias, {std::string(kind), std::string(source), std::string(outside_no), std::string(target_id), version});
}

std::optional<std::string> ResolveAlias(Tx& tx, std::string_view kind, std::string_view source, std::string_view outside_no) {
  const auto row = tx.First<std::string>("select target_id from aliases where kind = :kind and source = :source and outside_no = :no",
                                         {{"kind", kind}, {"source", source}, {"no", outside_no}});
  if (!row) return std::nullopt;
  return std::get<0>(*row);
}

std::vector<std::pair<std::string, std::string>> ResolveAliases(Tx& tx, std::string_view kind, std::string_view source,
                                                                const std::vector<std::string>& outside_nos) {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& [no, id] : tx.SelectIn<std::string, std::string>(
           "select outside_no, target_id from aliases where kind = :kind and source = :source and outside_no in (:keys)", outside_nos,
           {{"kind", kind}, {"source", source}})) {
    out.emplace_back(no, id);
  }
  return out;
}

std::int64_t OpenDeadLetters(Tx& tx) {
  return std::get<0>(
      *tx.First<std::int64_t>("select cast(count(*) as bigint) from dead_letters where "
                              "replayed_at is null and discarded_at is null"));
}

}  // namespace renxin::db
