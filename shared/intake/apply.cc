#include "shared/intake/apply.h"

#include <algorithm>
#include <map>

#include "renxin/operations/v1/operations.pb.h"
#include "shared/core/text.h"

namespace renxin::intake {
namespace {

constexpr int kNewCodesMax = 100;
// A reference that was committed at the same moment on another connection is found by then.
constexpr std::chrono::seconds kSecondLook{1};

std::string HashOf(const Environment& env, const Record& record) {
  std::string text;
  for (const Row& row : record.rows) {
    for (const std::string& cell : row.cells) text += cell + '\x1f';
    text += '\x1e';
  }
  return env.sealer.RequestHash(text);
}

std::string TimerKey(const std::string& kind, const std::string& source) { return kind + "/" + source; }

// The operation's number, then the line: a file has fewer than 2^32 lines.
std::int64_t PositionOf(std::int64_t seq, const Record& record) { return seq << 32 | record.rows.front().line; }

struct Applied {
  Record record;
  std::string hash;
  Outcome outcome;
};

std::vector<std::string> NumbersOf(const std::vector<Record>& records) {
  std::vector<std::string> numbers;
  numbers.reserve(records.size());
  for (const Record& record : records) numbers.push_back(record.no);
  return numbers;
}

// Runs the kind's apply on what is not equal to what was taken before.
std::vector<Applied> Run(Tx& tx, const Engine& engine, Batch& batch, std::vector<Record> records) {
  const KindSpec& kind = batch.kind;
  const std::vector<std::string> numbers = NumbersOf(records);
  std::map<std::string, store::Known> known;
  for (store::Known& key : store::KeysForUpdate(tx, kind.kind, batch.source, numbers)) known[key.no] = std::move(key);
  std::vector<Applied> applied;
  std::vector<Record> fresh;
  std::vector<std::size_t> places;
  for (Record& record : records) {
    const std::string hash = HashOf(batch.env, record);
    const auto found = known.find(record.no);
    if (found != known.end()) record.target_id = found->second.target_id;
    const bool unchanged = found != known.end() && found->second.row_hash == hash;
    if (!unchanged) {
      places.push_back(applied.size());
      fresh.push_back(record);
    }
    applied.push_back({std::move(record), hash, Outcome{.state = Outcome::State::kUnchanged}});
  }
  if (fresh.empty()) return applied;
  const std::vector<Outcome> outcomes = kind.apply(tx, batch, fresh);
  std::vector<std::string> arrived;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    Applied& one = applied[places[i]];
    one.outcome = outcomes[i];
    using State = Outcome::State;
    if (one.outcome.state == State::kCreated || one.outcome.state == State::kUpdated || one.outcome.state == State::kUnchanged) {
      const std::string& target = one.outcome.target_id.empty() ? one.record.target_id : one.outcome.target_id;
      const store::Known key{one.record.no, target, one.hash};
      if (known.contains(one.record.no)) {
        store::StoreKey(tx, kind.kind, batch.source, key);
      } else {
        store::ClaimKey(tx, kind.kind, batch.source, key);
      }
      arrived.push_back(one.record.no);
    }
  }
  engine.Arrived(tx, batch.source, kind.kind, arrived, batch.now);
  std::map<std::string, std::vector<std::string>> others;
  for (auto& [other, no] : batch.also_known) others[other].push_back(no);
  for (auto& [other, nos] : others) engine.Arrived(tx, batch.source, other, nos, batch.now);
  return applied;
}

void Count(operations::v1::ImportReport& report, const Outcome& outcome, int by) {
  switch (outcome.state) {
    case Outcome::State::kCreated:
      report.set_created(report.created() + by);
      break;
    case Outcome::State::kUpdated:
      report.set_updated(report.updated() + by);
      break;
    case Outcome::State::kUnchanged:
      report.set_unchanged(report.unchanged() + by);
      break;
    case Outcome::State::kWaiting:
      report.set_waiting(report.waiting() + by);
      break;
    case Outcome::State::kRefused:
      report.set_refused(report.refused() + by);
      break;
  }
  report.set_households_proposed(report.households_proposed() + outcome.households);
  report.set_placeholder_birthdays(report.placeholder_birthdays() + outcome.placeholder_birthdays);
}

void AddCodes(operations::v1::ImportReport& report, const std::set<std::string>& codes) {
  for (const std::string& code : codes) {
    const bool there = std::find(report.new_codes().begin(), report.new_codes().end(), code) != report.new_codes().end();
    if (!there && report.new_codes_size() < kNewCodesMax) report.add_new_codes(code);
  }
}

std::string ReasonOf(const Outcome& outcome) { return outcome.field.empty() ? outcome.reason : outcome.field + ": " + outcome.reason; }

void StoreWaiting(Tx& tx, const Batch& batch, const std::string& op, const Applied& one) {
  store::StoreWaiting(tx, batch.env, batch.kind.kind, batch.source,
                      {one.record.no, op, one.outcome.field, one.outcome.needs_kind, one.outcome.needs_no, one.record},
                      batch.now.Plus(kSecondLook), batch.now);
}

// The same record came again before what it waits for did: the newer row takes its place, and counts
// with the file it came in.
void TakeBack(Tx& tx, const KindSpec& kind, store::Import& op, const std::vector<std::string>& numbers) {
  std::map<std::string, int> by_operation;
  // Held: one that is being applied at this moment is counted by whoever applies it, and is not there any more after that.
  for (auto& [id] : tx.LoadForUpdate<std::string>(
           "select operation_id from waiting_rows where kind = :kind and source = :source and record_no in (:keys)", "record_no", numbers,
           {{"kind", kind.kind}, {"source", op.source}})) {
    ++by_operation[id];
  }
  if (by_operation.empty()) return;
  store::DropWaiting(tx, kind.kind, op.source, numbers);
  for (const auto& [id, count] : by_operation) {
    if (id == op.id) {
      op.report.set_waiting(op.report.waiting() - count);
      op.report.set_updated(op.report.updated() + count);
      continue;
    }
    auto other = store::Load(tx, id, true);
    if (!other) continue;
    other->report.set_waiting(other->report.waiting() - count);
    other->report.set_unchanged(other->report.unchanged() + count);
    store::Save(tx, *other);
  }
}

}  // namespace

void ApplyRecords(Tx& tx, const Engine& engine, const KindSpec& kind, store::Import& op, std::vector<Record> records,
                  const Environment& env, Instant now) {
  if (records.empty()) return;
  Batch batch{.kind = kind, .source = op.source, .operation_id = op.id, .now = now, .env = env, .new_codes = {}, .also_known = {}};
  // A dry run does everything and keeps nothing but its report.
  if (op.dry_run) tx.Exec("savepoint dry_run");
  const std::vector<std::string> numbers = NumbersOf(records);
  TakeBack(tx, kind, op, numbers);
  for (Record& record : records) record.position = PositionOf(op.seq, record);
  const std::vector<Applied> applied = Run(tx, engine, batch, std::move(records));
  bool waits = false;
  for (const Applied& one : applied) {
    if (one.outcome.state != Outcome::State::kWaiting) continue;
    StoreWaiting(tx, batch, op.id, one);
    waits = true;
  }
  if (waits) {
    db::Schedule(tx, "import.retry", TimerKey(kind.kind, op.source), now.Plus(kSecondLook));
    ScheduleFirst(tx, "import.close", TimerKey(kind.kind, op.source), now.Plus(kWaitsFor));
  }
  if (op.dry_run) {
    tx.Flush();
    tx.Exec("rollback to savepoint dry_run");
  }
  op.report.set_read(op.report.read() + static_cast<std::int64_t>(applied.size()));
  for (const Applied& one : applied) {
    Count(op.report, one.outcome, 1);
    if (one.outcome.state == Outcome::State::kRefused) store::StoreRefused(tx, env, op.id, one.record, ReasonOf(one.outcome), now);
  }
  AddCodes(op.report, batch.new_codes);
}

void ApplyWaiting(Tx& tx, const Engine& engine, const KindSpec& kind, const std::string& source, std::vector<store::WaitingRow> rows,
                  const Environment& env, Instant now) {
  Batch batch{.kind = kind, .source = source, .operation_id = "", .now = now, .env = env, .new_codes = {}, .also_known = {}};
  std::map<std::string, std::string> operation_of;
  std::map<std::string, std::pair<std::string, std::string>> waited_for;
  std::vector<Record> records;
  std::vector<std::string> settled;
  std::vector<std::string> still;
  for (store::WaitingRow& row : rows) {
    operation_of[row.no] = row.operation_id;
    waited_for[row.no] = {row.needs_kind, row.needs_no};
    records.push_back(std::move(row.record));
  }
  std::vector<std::string> ids;
  for (const auto& [no, id] : operation_of) ids.push_back(id);
  const std::map<std::string, std::int64_t> seqs = store::Sequence(tx, ids);
  for (Record& record : records) {
    if (const auto seq = seqs.find(operation_of[record.no]); seq != seqs.end()) record.position = PositionOf(seq->second, record);
  }
  std::map<std::string, store::Import> operations;
  for (const Applied& one : Run(tx, engine, batch, std::move(records))) {
    const std::string& id = operation_of[one.record.no];
    if (one.outcome.state == Outcome::State::kWaiting) {
      StoreWaiting(tx, batch, id, one);
      // For something else now: that may be arriving at this moment, and whoever brings it does not see this row yet.
      // It keeps its second look.
      if (waited_for[one.record.no] == std::pair(one.outcome.needs_kind, one.outcome.needs_no)) still.push_back(one.record.no);
      continue;
    }
    settled.push_back(one.record.no);
    auto found = operations.find(id);
    if (found == operations.end()) {
      auto op = store::Load(tx, id, true);
      if (!op) continue;
      found = operations.emplace(id, std::move(*op)).first;
    }
    operations::v1::ImportReport& report = found->second.report;
    report.set_waiting(report.waiting() - 1);
    Count(report, one.outcome, 1);
    if (one.outcome.state == Outcome::State::kRefused) store::StoreRefused(tx, env, id, one.record, ReasonOf(one.outcome), now);
  }
  store::DropWaiting(tx, kind.kind, source, settled);
  // Looked at twice; from now on only what it waits for wakes it.
  store::SetRetry(tx, kind.kind, source, still, std::nullopt);
  for (auto& [id, op] : operations) {
    AddCodes(op.report, batch.new_codes);
    store::Save(tx, op);
  }
}

}  // namespace renxin::intake
