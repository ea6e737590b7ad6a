#include "shared/intake/store.h"
#include "shared/db/rows.h"

#include <boost/json.hpp>

#include <algorithm>
#include <map>

#include "shared/core/text.h"
#include "shared/intake/import.h"

namespace renxin::intake::store {
namespace {

namespace json = boost::json;

// Under the service's key: a row belongs to no single person, and is deleted soon.
std::string PackRows(const Environment& env, std::string_view context, const std::vector<Row>& rows) {
  json::array all;
  for (const Row& row : rows) {
    json::array cells;
    cells.emplace_back(row.line);
    for (const std::string& cell : row.cells) cells.emplace_back(cell);
    all.push_back(std::move(cells));
  }
  return env.sealer.SealForService(context, json::serialize(all));
}

std::vector<Row> UnpackRows(const Environment& env, std::string_view context, const std::string& sealed) {
  std::vector<Row> rows;
  const json::value parsed = json::parse(env.sealer.OpenForService(context, sealed));
  for (const json::value& one : parsed.as_array()) {
    Row row;
    const json::array& cells = one.as_array();
    row.line = cells.at(0).as_int64();
    for (std::size_t i = 1; i < cells.size(); ++i) row.cells.emplace_back(cells[i].as_string());
    rows.push_back(std::move(row));
  }
  return rows;
}

const db::InsertSpec kStageRecords{
    .table = "import_records", .columns = {"operation_id", "first_line", "record_no"}, .suffix = "on conflict do nothing"};
const db::InsertSpec kStageRows{
    .table = "import_rows", .columns = {"operation_id", "record_no", "line", "row_text"}, .suffix = "on conflict do nothing"};
const db::InsertSpec kKeys{.table = "import_keys",
                           .columns = {"kind", "source", "record_no", "target_id", "row_hash"},
                           .suffix =
                               "on conflict (kind, source, record_no) do update set target_id = excluded.target_id, row_hash = "
                               "case when excluded.row_hash = '' then import_keys.row_hash else excluded.row_hash end",
                           .key_columns = 3};
const db::InsertSpec kNewKeys{.table = "import_keys",
                              .columns = {"kind", "source", "record_no", "target_id", "row_hash"},
                              .suffix = "on conflict (kind, source, record_no) do nothing",
                              .must_be_new = true};
const db::InsertSpec kWaiting{
    .table = "waiting_rows",
    .columns = {"kind", "source", "record_no", "operation_id", "field", "needs_kind", "needs_no", "rows_text", "retry_at", "created_at"},
    .suffix =
        "on conflict (kind, source, record_no) do update set operation_id = excluded.operation_id, "
        "field = excluded.field, needs_kind = excluded.needs_kind, needs_no = excluded.needs_no, "
        "rows_text = excluded.rows_text, retry_at = excluded.retry_at",
    .key_columns = 3};
const db::InsertSpec kRefused{
    .table = "refused_rows", .columns = {"operation_id", "line", "reason", "row_text", "refused_at"}, .suffix = "on conflict do nothing"};

using WaitingColumns = std::tuple<std::string, std::string, std::string, std::string, std::string, std::string>;
constexpr std::string_view kWaitingColumns = "select record_no, operation_id, field, needs_kind, needs_no, rows_text from waiting_rows ";

std::string WaitingSealContext(std::string_view kind, std::string_view source) {
  return "waiting_rows:" + std::string(kind) + "/" + std::string(source);
}

std::vector<WaitingRow> ToWaiting(const Environment& env, const std::string& kind, const std::string& source,
                                  const std::vector<WaitingColumns>& rows) {
  std::vector<WaitingRow> out;
  out.reserve(rows.size());
  for (const auto& [no, op, field, needs_kind, needs_no, text] : rows) {
    out.push_back({no, op, field, needs_kind, needs_no,
                   Record{.no = no, .rows = UnpackRows(env, WaitingSealContext(kind, source), text), .target_id = ""}});
  }
  return out;
}

struct Stored : Import {
  std::string header_text;  // by comma
  std::int64_t read = 0;
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t waiting = 0;
  std::int64_t refused = 0;
  std::int64_t blank = 0;
  std::int64_t placeholders = 0;
  std::int64_t households = 0;
  std::string new_codes;  // by line
};
const db::Rows<Stored> kImports("imports", {{"id", &Import::id},
                                            {"seq", &Import::seq},
                                            {"kind", &Import::kind},
                                            {"source", &Import::source},
                                            {"dry_run", &Import::dry_run},
                                            {"size_bytes", &Import::size},
                                            {"read_offset", &Import::offset},
                                            {"read_line", &Import::line},
                                            {"phase", &Import::phase},
                                            {"encoding", &Import::encoding},
                                            {"scan_offset", &Import::scanned},
                                            {"utf8_faults", &Import::counts, &EncodingCounts::utf8_faults},
                                            {"gb18030_faults", &Import::counts, &EncodingCounts::gb18030_faults},
                                            {"utf8_pairs", &Import::counts, &EncodingCounts::utf8_pairs},
                                            {"utf8_longer", &Import::counts, &EncodingCounts::utf8_longer},
                                            {"header", &Stored::header_text},
                                            {"records_read", &Stored::read},
                                            {"created", &Stored::created},
                                            {"updated", &Stored::updated},
                                            {"unchanged", &Stored::unchanged},
                                            {"waiting", &Stored::waiting},
                                            {"refused", &Stored::refused},
                                            {"blank", &Stored::blank},
                                            {"placeholder_birthdays", &Stored::placeholders},
                                            {"households", &Stored::households},
                                            {"new_codes", &Stored::new_codes}});

std::int64_t Single(const std::optional<std::tuple<std::int64_t>>& row) { return row ? std::get<0>(*row) : 0; }

}  // namespace

void Insert(Tx& tx, const Import& op) {
  db::HoldKeys(tx, "imports", {"seq"});
  const std::int64_t seq = Single(tx.First<std::int64_t>("select cast(coalesce(max(seq), 0) as bigint) from imports")) + 1;
  tx.Exec(
      "insert into imports (seq, id, kind, source, dry_run, size_bytes, read_offset, read_line, phase, encoding, records_read, "
      "created, updated, unchanged, waiting, refused, households) "
      "values (:seq, :id, :kind, :source, :dry, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
      {{"seq", seq}, {"id", op.id}, {"kind", op.kind}, {"source", op.source}, {"dry", op.dry_run ? 1 : 0}});
}

std::optional<Import> Load(Tx& tx, std::string_view id, bool for_update) {
  const std::string lock(for_update ? tx.ForUpdate() : "");
  auto stored = kImports.First(tx, "where id = :id" + lock, {{"id", id}});
  if (!stored) return std::nullopt;
  Import op = std::move(*stored);
  op.header = SplitText(stored->header_text, ',');
  op.report.set_read(stored->read);
  op.report.set_created(stored->created);
  op.report.set_updated(stored->updated);
  op.report.set_unchanged(stored->unchanged);
  op.report.set_waiting(stored->waiting);
  op.report.set_refused(stored->refused);
  op.report.set_blank(stored->blank);
  op.report.set_placeholder_birthdays(stored->placeholders);
  op.report.set_households_proposed(stored->households);
  for (std::string& code : SplitText(stored->new_codes, '\n')) op.report.add_new_codes(std::move(code));
  return op;
}

void Save(Tx& tx, const Import& op) {
  const std::vector<std::string> codes(op.report.new_codes().begin(), op.report.new_codes().end());
  tx.Exec(
      "update imports set header = :header, size_bytes = :size, read_offset = :offset, read_line = :line, phase "
      "= :phase, encoding = :encoding, scan_offset = :scanned, utf8_faults = :utf8, gb18030_faults = :gb18030, utf8_pairs = :pairs, "
      "utf8_longer = :longer, records_read = :read, created = :created, updated = :updated, unchanged = :unchanged, waiting = :waiting, "
      "refused = :refused, blank = :blank, placeholder_birthdays = :placeholders, households = :households, new_codes = :codes where id = "
      ":id",
      {{"header", Join(op.header, ",")},
       {"size", op.size},
       {"offset", op.offset},
       {"line", op.line},
       {"phase", op.phase},
       {"encoding", static_cast<int>(op.encoding)},
       {"scanned", op.scanned},
       {"utf8", op.counts.utf8_faults},
       {"gb18030", op.counts.gb18030_faults},
       {"pairs", op.counts.utf8_pairs},
       {"longer", op.counts.utf8_longer},
       {"read", op.report.read()},
       {"created", op.report.created()},
       {"updated", op.report.updated()},
       {"unchanged", op.report.unchanged()},
       {"waiting", op.report.waiting()},
       {"refused", op.report.refused()},
       {"blank", op.report.blank()},
       {"placeholders", op.report.placeholder_birthdays()},
       {"households", op.report.households_proposed()},
       {"codes", db::TextOrNull(Join(codes, "\n"))},
       {"id", op.id}});
}

bool UploadChunk(Tx& tx, const Environment& env, const std::string& upload, std::int64_t offset, std::string_view data,
                 const std::string& sha) {
  const std::string sealed = env.sealer.SealForService("upload_chunks:" + upload + ":" + std::to_string(offset), data);
  tx.Exec(
      "insert into upload_chunks (upload_id, start_offset, length, sha256, data) values (:id, :offset, :length, :sha, :data) on conflict "
      "do nothing",
      {{"id", upload}, {"offset", offset}, {"length", data.size()}, {"sha", sha}, {"data", sealed}});
  const auto row = tx.First<std::string>("select sha256 from upload_chunks where upload_id = :id and start_offset = :offset",
                                         {{"id", upload}, {"offset", offset}});
  return row && std::get<0>(*row) == sha;
}

std::int64_t ReceivedBytes(Tx& tx, std::string_view upload) {
  const auto row = tx.First<std::int64_t, std::int64_t>(
      "select cast(coalesce(sum(length), 0) as bigint), cast(coalesce(max(start_offset + length), 0) as bigint) from upload_chunks where "
      "upload_id = :id",
      {{"id", upload}});
  return std::get<0>(*row) == std::get<1>(*row) ? std::get<0>(*row) : -1;
}

bool DropSome(Tx& tx, std::string_view id) {
  // A piece has 128 KiB, a row some hundred bytes.
  constexpr int kPieces = 50;
  constexpr int kRows = 2'000;
  const db::Binds binds{{"id", id}};
  return db::DeleteSome(tx, "upload_chunks", "upload_id = :id", binds, kPieces) == kPieces ||
         db::DeleteSome(tx, "import_rows", "operation_id = :id", binds, kRows) == kRows ||
         db::DeleteSome(tx, "import_records", "operation_id = :id", binds, kRows) == kRows;
}

void StageRows(Tx& tx, const Environment& env, const std::string& op, const std::vector<Record>& records) {
  for (const Record& record : records) {
    for (const Row& row : record.rows) {
      tx.Stage(kStageRecords, {op, row.line, record.no});
      tx.Stage(kStageRows, {op, record.no, row.line, PackRows(env, "import_rows:" + op, {row})});
    }
  }
}

std::map<std::string, std::int64_t> CountStaged(Tx& tx, const std::string& op, const std::vector<std::string>& numbers) {
  std::map<std::string, std::int64_t> out;
  for (auto& [no, rows] : tx.SelectIn<std::string, std::int64_t>("select record_no, cast(count(*) as bigint) from import_rows where "
                                                                 "operation_id = :op and record_no in (:keys) group by record_no",
                                                                 numbers, {{"op", op}})) {
    out.emplace(no, rows);
  }
  return out;
}

std::vector<Record> StagedRecords(Tx& tx, const Environment& env, const std::string& op, std::int64_t after, int limit) {
  std::vector<Record> records;
  std::vector<std::string> numbers;
  std::map<std::string, std::size_t> position;
  for (auto& [line, no] : tx.Select<std::int64_t, std::string>(
           "select first_line, record_no from import_records where operation_id = :op and first_line > :after order by first_line limit " +
               std::to_string(limit),
           {{"op", op}, {"after", after}})) {
    position[no] = records.size();
    numbers.push_back(no);
    records.push_back({.no = no, .rows = {}, .target_id = ""});
  }
  for (auto& [no, text] : tx.SelectIn<std::string, std::string>(
           "select record_no, row_text from import_rows where operation_id = :op and record_no in (:keys) order by line", numbers,
           {{"op", op}})) {
    records[position[no]].rows.push_back(UnpackRows(env, "import_rows:" + op, text).front());
  }
  return records;
}

namespace {

constexpr std::string_view kSelectKeys =
    "select record_no, target_id, row_hash from import_keys where kind = :kind and source = :source and record_no in (:keys)";

std::vector<Known> ToKnown(std::vector<std::tuple<std::string, std::string, std::string>> rows) {
  std::vector<Known> out;
  out.reserve(rows.size());
  for (auto& [no, id, hash] : rows) out.push_back({std::move(no), std::move(id), std::move(hash)});
  return out;
}

}  // namespace

std::vector<Known> Keys(Tx& tx, std::string_view kind, std::string_view source, const std::vector<std::string>& numbers) {
  return ToKnown(tx.SelectIn<std::string, std::string, std::string>(kSelectKeys, numbers, {{"kind", kind}, {"source", source}}));
}

std::vector<Known> KeysForUpdate(Tx& tx, std::string_view kind, std::string_view source, const std::vector<std::string>& numbers) {
  return ToKnown(
      tx.LoadForUpdate<std::string, std::string, std::string>(kSelectKeys, "record_no", numbers, {{"kind", kind}, {"source", source}}));
}

void ClaimKey(Tx& tx, std::string_view kind, std::string_view source, const Known& key) {
  tx.Stage(kNewKeys, {std::string(kind), std::string(source), key.no, key.target_id, key.row_hash});
}

void StoreKey(Tx& tx, std::string_view kind, std::string_view source, const Known& key) {
  tx.Stage(kKeys, {std::string(kind), std::string(source), key.no, key.target_id, key.row_hash});
}

void StoreWaiting(Tx& tx, const Environment& env, std::string_view kind, std::string_view source, const WaitingRow& row, Instant retry_at,
                  Instant now) {
  tx.Stage(kWaiting, {std::string(kind), std::string(source), row.no, row.operation_id, row.field, row.needs_kind, row.needs_no,
                      PackRows(env, WaitingSealContext(kind, source), row.record.rows), retry_at.micros, now.micros});
}

void DropWaiting(Tx& tx, std::string_view kind, std::string_view source, const std::vector<std::string>& numbers) {
  tx.ExecIn("delete from waiting_rows where kind = :kind and source = :source and record_no in (:keys)", numbers,
            {{"kind", kind}, {"source", source}});
}

namespace {

// Their operations are held before they are: a step holds its operation too before it wakes rows or takes them back.
HeldRows HeldWaiting(Tx& tx, const Environment& env, const std::string& kind, const std::string& source, Busy busy,
                     const std::string& which, int limit, db::Binds binds) {
  binds.insert(binds.end(), {{"kind", kind}, {"source", source}});
  const std::string where = "where kind = :kind and source = :source " + which;
  const std::string first = " order by created_at, record_no limit " + std::to_string(limit);
  std::vector<std::string> operations;
  for (auto& [id] : tx.Select<std::string>(
           "select distinct operation_id from (select operation_id from waiting_rows " + where + first + ") as waiting", binds)) {
    operations.push_back(id);
  }
  const std::string lock(busy == Busy::kSkipped ? tx.ForUpdateSkipLocked() : tx.ForUpdate());
  std::vector<std::string> held;
  for (auto& [id] : tx.SelectIn<std::string>("select id from imports where id in (:keys) order by id" + lock, operations))
    held.push_back(id);
  return {ToWaiting(env, kind, source,
                    tx.SelectIn<std::string, std::string, std::string, std::string, std::string, std::string>(
                        std::string(kWaitingColumns) + where + " and operation_id in (:keys)" + first + std::string(tx.ForUpdate()), held,
                        binds)),
          held.size() < operations.size()};
}

}  // namespace

HeldRows DueWaiting(Tx& tx, const Environment& env, const std::string& kind, const std::string& source, Instant now, int limit) {
  return HeldWaiting(tx, env, kind, source, Busy::kSkipped, "and retry_at <= :now", limit, {{"now", now.micros}});
}

HeldRows WaitingSince(Tx& tx, const Environment& env, const std::string& kind, const std::string& source, Instant until, Busy busy,
                      int limit) {
  return HeldWaiting(tx, env, kind, source, busy, "and created_at < :until", limit, {{"until", until.micros}});
}

std::optional<Instant> OldestWaiting(Tx& tx, std::string_view kind, std::string_view source) {
  const auto row = tx.First<std::int64_t>(
      "select created_at from waiting_rows where kind = :kind and source = :source order by created_at, record_no limit 1",
      {{"kind", kind}, {"source", source}});
  if (!row) return std::nullopt;
  return Instant{std::get<0>(*row)};
}

void SetRetry(Tx& tx, std::string_view kind, std::string_view source, const std::vector<std::string>& numbers, std::optional<Instant> at) {
  tx.ExecIn("update waiting_rows set retry_at = :at where kind = :kind and source = :source and record_no in (:keys)", numbers,
            {{"at", at ? db::Value(at->micros) : db::Value()}, {"kind", kind}, {"source", source}});
}

Woken Wake(Tx& tx, std::string_view source, std::string_view needs_kind, const std::vector<std::string>& numbers, Instant now) {
  constexpr std::int64_t kAtOnce = 5'000;
  std::set<std::string> kinds;
  for (auto& [kind] : tx.SelectIn<std::string>(
           "select distinct kind from waiting_rows where source = :source and needs_kind = :needs and needs_no in (:keys)", numbers,
           {{"source", source}, {"needs", needs_kind}})) {
    kinds.insert(kind);
  }
  if (kinds.empty()) return {};
  const db::Binds binds{{"source", source}, {"needs", needs_kind}, {"now", now.micros}};
  const std::int64_t rows = tx.ExecIn(
      "update waiting_rows set retry_at = :now where (kind, source, record_no) in (select kind, source, record_no from waiting_rows where "
      "source = :source and needs_kind = :needs and needs_no in (:keys) and (retry_at is null or retry_at > :now) limit " +
          std::to_string(kAtOnce) + ")",
      numbers, binds);
  return {{kinds.begin(), kinds.end()}, rows >= kAtOnce};
}

std::map<std::string, std::int64_t> Sequence(Tx& tx, const std::vector<std::string>& ids) {
  std::map<std::string, std::int64_t> out;
  for (auto& [id, seq] : tx.SelectIn<std::string, std::int64_t>("select id, seq from imports where id in (:keys)", ids))
    out.emplace(id, seq);
  return out;
}

std::int64_t CountWaiting(Tx& tx) { return Single(tx.First<std::int64_t>("select cast(count(*) as bigint) from waiting_rows")); }

std::int64_t CountWaiting(Tx& tx, std::string_view kind, std::string_view source) {
  return Single(tx.First<std::int64_t>("select cast(count(*) as bigint) from waiting_rows where kind = :kind and source = :source",
                                       {{"kind", kind}, {"source", source}}));
}

void StoreRefused(Tx& tx, const Environment& env, const std::string& op, const Record& record, const std::string& reason, Instant now) {
  for (const Row& row : record.rows) {
    tx.Stage(kRefused, {op, row.line, reason, PackRows(env, "refused_rows:" + op, {row}), now.micros});
  }
}

std::vector<std::vector<std::string>> RefusedAfter(Tx& tx, const Environment& env, const std::string& op, std::int64_t after, int limit) {
  std::vector<std::vector<std::string>> out;
  for (auto& [line, reason, text] : tx.Select<std::int64_t, std::string, std::string>(
           "select line, reason, row_text from refused_rows where operation_id = :op and line > :after order by line limit " +
               std::to_string(limit),
           {{"op", op}, {"after", after}})) {
    std::vector<std::string> cells{std::to_string(line), reason};
    std::vector<Row> rows = UnpackRows(env, "refused_rows:" + op, text);
    for (std::string& cell : rows.front().cells) cells.push_back(std::move(cell));
    out.push_back(std::move(cells));
  }
  return out;
}

}  // namespace renxin::intake::store
