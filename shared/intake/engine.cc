#include "shared/intake/engine.h"

#include <algorithm>
#include <map>
#include <utility>

#include "shared/core/crash.h"
#include "shared/core/csv.h"
#include "shared/core/encoding.h"
#include "shared/core/text.h"
#include "shared/intake/apply.h"
#include "shared/intake/handlers.h"
#include "shared/intake/shape.h"
#include "shared/observe/log.h"

namespace renxin::intake {
namespace {

constexpr std::size_t kRowsWanted = 600;
constexpr std::size_t kRowsMax = 1'200;
constexpr std::int64_t kScanBytes = std::int64_t{8} << 20;  // looked through in one transaction
constexpr int kRecordsAtOnce = 400;
constexpr std::chrono::milliseconds kSweepPause{300};
constexpr std::int64_t kRecordRowsMax = 200;
constexpr int kTidies = 2;  // the phase after all records have been applied

struct Page {
  std::vector<CsvRow> rows;
  bool end = false;
};

// The next rows behind the operation's checkpoint.
Page ReadRows(Tx& tx, const Engine& engine, const Environment& env, const store::Import& op) {
  Page page;
  CsvReader reader(op.offset, op.line);
  const auto expect = [&](const std::vector<std::string>& header) { reader.ExpectCells(WidthOf(header), header.size()); };
  if (!op.header.empty()) expect(op.header);
  const auto take = [&](CsvRow row) {
    if (op.header.empty() && page.rows.empty()) expect(HeaderOf(row, op.encoding));
    if (page.rows.size() < kRowsMax) page.rows.push_back(std::move(row));
  };
  std::int64_t at = op.offset;
  while (page.rows.size() < kRowsWanted) {
    const std::string bytes = engine.pieces().From(tx, env, op.id, at);
    if (bytes.empty()) {
      reader.Finish(take);
      page.end = true;
      break;
    }
    reader.Feed(bytes, take);
    at += static_cast<std::int64_t>(bytes.size());
  }
  // At the bound there may be more behind it in the bytes that were read.
  if (page.rows.size() >= kRowsMax) page.end = false;
  return page;
}

// Looks through the file until its encoding is known, some megabytes a step. True when it is: then `offset` is where reading begins.
// No byte of a character of several is a comma, a quote or the end of a line, in either encoding: rows are cut before they are decoded.
bool FindEncoding(Tx& tx, const Engine& engine, const Environment& env, store::Import& op) {
  const std::int64_t start = op.scanned;
  std::string bytes = engine.pieces().From(tx, env, op.id, start);
  const ByteOrderMark mark = start == 0 ? MarkOf(bytes) : ByteOrderMark{};
  EncodingScan scan(op.counts);
  std::int64_t at = start;
  TextEncoding found = mark.encoding;
  while (found == TextEncoding::kUnknown && !bytes.empty() && at - start < kScanBytes) {
    scan.Feed(bytes);
    at += static_cast<std::int64_t>(bytes.size());
    found = scan.Clear();
    bytes = engine.pieces().From(tx, env, op.id, at);
  }
  if (found == TextEncoding::kUnknown && bytes.empty()) {
    scan.Finish();
    found = scan.Verdict();
  }
  if (found == TextEncoding::kUnknown) {
    const bool safe = scan.safe_bytes() > 0;
    op.scanned = safe ? start + static_cast<std::int64_t>(scan.safe_bytes()) : at;
    op.counts = safe ? scan.safe_counts() : scan.counts();
    return false;
  }
  op.encoding = found;
  op.scanned = at;
  op.counts = scan.counts();
  op.offset = static_cast<std::int64_t>(mark.bytes);
  return true;
}

bool IsUtf16(Tx& tx, const Engine& engine, const Environment& env, const store::Import& op) {
  return op.scanned == 0 && MarkOf(engine.pieces().From(tx, env, op.id, 0)).utf16;
}

void Fail(store::Import& op, std::string why) { op.failure = std::move(why); }

std::string TooManyRows() { return "a record has at most " + std::to_string(kRecordRowsMax) + " rows"; }

void RefuseRow(Tx& tx, const TimerContext& ctx, store::Import& op, const Row& row, const std::string& reason) {
  store::StoreRefused(tx, ctx.env, op.id, Record{.no = "", .rows = {row}, .target_id = ""}, reason, ctx.now);
  op.report.set_read(op.report.read() + 1);
  op.report.set_refused(op.report.refused() + 1);
}

// How a step takes its records: together, or, after it has failed again and again, one by one, and refuses the culprit.
enum class Care : std::uint8_t { kTogether, kOneByOne };
constexpr int kFailuresTogether = 3;

void Apply(Tx& tx, const Engine& engine, const KindSpec& kind, store::Import& op, std::vector<Record> records, const TimerContext& ctx,
           Care care) {
  if (care == Care::kTogether) return ApplyRecords(tx, engine, kind, op, std::move(records), ctx.env, ctx.now);
  for (const Record& record : records) {
    const store::Import before = op;
    try {
      tx.Nested([&] { ApplyRecords(tx, engine, kind, op, {record}, ctx.env, ctx.now); });
    } catch (const std::exception& error) {
      if (const auto* database = dynamic_cast<const db::DbError*>(&error); database != nullptr && database->passes()) throw;
      observe::Log(observe::Level::kError, "a record cannot be stored, refused",
                   {{"import", op.id}, {"line", record.rows.front().line}, {"what", error.what()}});
      op = before;
      store::StoreRefused(tx, ctx.env, op.id, record, "it cannot be stored; the operator's log says why", ctx.now);
      op.report.set_read(op.report.read() + 1);
      op.report.set_refused(op.report.refused() + 1);
    }
  }
}

// One more than a record may have is kept, so that it is refused; what comes beyond is refused by itself.
void Stage(Tx& tx, store::Import& op, std::vector<Record> records, const TimerContext& ctx) {
  std::vector<std::string> numbers;
  for (const Record& record : records) numbers.push_back(record.no);
  std::map<std::string, std::int64_t> staged = store::CountStaged(tx, op.id, numbers);
  std::erase_if(records, [&](const Record& record) {
    if (++staged[record.no] <= kRecordRowsMax + 1) return false;
    Row row = record.rows.front();
    if (row.cells.back().starts_with(kBadRow)) row.cells.pop_back();
    RefuseRow(tx, ctx, op, row, TooManyRows());
    return true;
  });
  store::StageRows(tx, ctx.env, op.id, records);
}

// Rows become records. A number that comes again starts a new batch, so that the later row sees the
// earlier one applied.
void StoreRows(Tx& tx, const Engine& engine, const KindSpec& kind, store::Import& op, const std::vector<CsvRow>& rows,
               const TimerContext& ctx, Care care) {
  std::vector<Record> records;
  std::set<std::string> numbers;
  const auto flush = [&] {
    if (kind.grouped) {
      Stage(tx, op, std::move(records), ctx);
    } else {
      Apply(tx, engine, kind, op, std::move(records), ctx, care);
    }
    records.clear();
    numbers.clear();
  };
  for (const CsvRow& csv : rows) {
    Shaped shaped = Shape(kind, op, csv);
    if (shaped.blank) {
      op.report.set_read(op.report.read() + 1);
      op.report.set_blank(op.report.blank() + 1);
      continue;
    }
    const std::string no = NumberOf(kind, shaped.row);
    const bool has_number = shaped.fault.empty() || (kind.grouped && !no.empty());
    if (!has_number) {
      RefuseRow(tx, ctx, op, shaped.Returned(), shaped.fault);
      continue;
    }
    if (const std::string too_long = NumberFault(kind, no, shaped.fault); !too_long.empty()) {
      RefuseRow(tx, ctx, op, shaped.Returned(), too_long);
      continue;
    }
    Row row = shaped.fault.empty() ? std::move(shaped.row) : shaped.Returned();
    if (!shaped.fault.empty()) row.cells.push_back(std::string(kBadRow) + shaped.fault);
    if (!kind.grouped && !numbers.insert(no).second) {
      flush();
      numbers.insert(no);
    }
    records.push_back({.no = no, .rows = {std::move(row)}, .target_id = ""});
  }
  flush();
}

// What it was made from goes, some of it a step.
void Tidy(Tx& tx, const Engine& engine, store::Import& op) {
  engine.pieces().Forget(op.id);
  ++op.line;  // the checkpoint moves
  op.finished = !store::DropSome(tx, op.id);
}

void Finish(Tx& tx, const Engine& engine, store::Import& op) {
  if (op.report.read() == 0) return Fail(op, "the file has no rows");
  op.phase = kTidies;
  Tidy(tx, engine, op);
}

void ReadPart(Tx& tx, const Engine& engine, const KindSpec& kind, store::Import& op, const TimerContext& ctx, Care care) {
  // A replica of the release before has begun to read it, as UTF-8.
  if (op.encoding == TextEncoding::kUnknown && !op.header.empty()) op.encoding = TextEncoding::kUtf8;
  if (op.encoding == TextEncoding::kUnknown) {
    if (IsUtf16(tx, engine, ctx.env, op)) return Fail(op, "the file is UTF-16: save it as CSV in UTF-8 or GB18030");
    if (!FindEncoding(tx, engine, ctx.env, op)) return;
  }
  Page page = ReadRows(tx, engine, ctx.env, op);
  if (!page.rows.empty()) {
    op.offset = page.rows.back().end_offset;
    op.line = page.rows.back().end_line;
  }
  if (op.header.empty()) {
    if (page.rows.empty()) return Fail(op, "the file is empty: a header is expected");
    op.header = HeaderOf(page.rows.front(), op.encoding);
    page.rows.erase(page.rows.begin());
    if (std::string fault = HeaderFault(kind, op.header); !fault.empty()) return Fail(op, std::move(fault));
  }
  const bool any = !page.rows.empty();
  StoreRows(tx, engine, kind, op, page.rows, ctx, care);
  if (!page.end) return;
  if (kind.grouped && (any || op.phase == 0)) {
    op.phase = 1;
    op.offset = op.size;
    op.line = 0;
    return;
  }
  Finish(tx, engine, op);
}

// Refuses as a whole what has a bad row; the others are applied together.
void ApplyPart(Tx& tx, const Engine& engine, const KindSpec& kind, store::Import& op, const TimerContext& ctx, Care care) {
  std::vector<Record> records = store::StagedRecords(tx, ctx.env, op.id, op.line, kRecordsAtOnce);
  if (records.empty()) return Finish(tx, engine, op);
  op.line = records.back().rows.front().line;
  std::vector<Record> sound;
  for (Record& record : records) {
    std::string fault;
    if (record.rows.size() > static_cast<std::size_t>(kRecordRowsMax)) fault = TooManyRows();
    for (Row& row : record.rows) {
      if (row.cells.size() == kind.columns.size()) continue;
      fault = "line " + std::to_string(row.line) + ": " + row.cells.back().substr(kBadRow.size());
      row.cells.pop_back();
    }
    if (fault.empty()) {
      sound.push_back(std::move(record));
      continue;
    }
    store::StoreRefused(tx, ctx.env, op.id, record, fault, ctx.now);
    op.report.set_read(op.report.read() + 1);
    op.report.set_refused(op.report.refused() + 1);
  }
  Apply(tx, engine, kind, op, std::move(sound), ctx, care);
}

}  // namespace

Engine& Engine::Add(KindSpec kind) {
  kinds_.emplace(kind.kind, kind);
  return *this;
}

Engine& Engine::SetRemoteLookup(RemoteLookup lookup) {
  remote_lookup_ = std::move(lookup);
  return *this;
}

const KindSpec* Engine::Find(std::string_view kind) const {
  const auto found = kinds_.find(kind);
  return found == kinds_.end() ? nullptr : &found->second;
}

void Engine::Arrived(Tx& tx, std::string_view source, std::string_view needs_kind, const std::vector<std::string>& numbers,
                     Instant now) const {
  if (numbers.empty()) return;
  const store::Woken woken = store::Wake(tx, source, needs_kind, numbers, now);
  for (const std::string& kind : woken.kinds) db::Schedule(tx, "import.retry", kind + "/" + std::string(source), now);
  if (!woken.more) return;
  for (const std::string& number : numbers) ScheduleWake(tx, std::string(needs_kind) + "/" + std::string(source), number, now);
}

void ScheduleFirst(Tx& tx, std::string kind, std::string key, Instant due) {
  static const db::InsertSpec kFirst{
      .table = "timers", .columns = {"kind", "key", "due_at", "attempts"}, .suffix = "on conflict do nothing", .key_columns = 2};
  tx.Stage(kFirst, {std::move(kind), std::move(key), due.micros, std::int64_t{0}});
}

void ArrivedLater(Tx& tx, std::string_view source, std::string_view needs_kind, Instant now) {
  ScheduleFirst(tx, "import.sweep", std::string(needs_kind) + "/" + std::string(source), now.Plus(kSweepPause));
}

operations::Type Engine::Install(runtime::Service& service) {
  InstallHandlers(service, *this);
  using runtime::TimerLane;
  service
      .Timer(
          "import.retry", [this](Tx& tx, const TimerContext& ctx) { RetryWaiting(tx, *this, ctx); }, TimerLane::kOperations)
      .Timer("import.sweep", &SweepWaiting, TimerLane::kOperations)
      .Timer(
          "import.wake", [this](Tx& tx, const TimerContext& ctx) { WakeMore(tx, *this, ctx); }, TimerLane::kOperations)
      .Timer(
          "import.close", [this](Tx& tx, const TimerContext& ctx) { CloseOld(tx, *this, ctx); }, TimerLane::kOperations);
  service.Gauge("waiting_rows", [](Tx& tx) { return store::CountWaiting(tx); });
  return {.name = kImportType,
          .roles = {"administrator", "operations", "auditor"},
          .run =
              [this](operations::Run& run) {
                run.Commit([&](Tx& tx, operations::Operation& op, Instant now) { ProcessStep(tx, *this, op, run.env(), now); });
              },
          // Rows that were taken stay, and so do those that wait: the file alone goes.
          .discard =
              [this](Tx& tx, const operations::Operation& op) {
                pieces_.Forget(op.id);
                return store::DropSome(tx, op.id);
              },
          .describe = &DescribeImport};
}

namespace {

// The lines of a grouped kind's file, known when all are read: its checkpoint ends with them.
std::int64_t LinesOf(const std::string& checkpoint) {
  const std::size_t at = checkpoint.rfind(':');
  return at == std::string::npos ? 0 : std::atoll(checkpoint.c_str() + at + 1);
}

// A grouped kind is read and then applied: half of the way each.
void MarkProgress(const KindSpec& kind, const store::Import& import, std::int64_t lines, operations::Operation* op) {
  op->checkpoint = std::to_string(import.phase) + ":" + std::to_string(std::max(import.offset, import.scanned)) + ":" +
                   std::to_string(import.line) + ":" + std::to_string(lines);
  op->done = import.encoding == TextEncoding::kUnknown ? 0 : import.offset;
  if (!kind.grouped) return;
  op->done = import.size / 2;
  if (import.phase == 0) op->done = import.offset / 2;
  if (import.phase != 0 && lines > 0) op->done += import.size / 2 * std::min(import.line, lines) / lines;
}

}  // namespace

void ProcessStep(Tx& tx, const Engine& engine, operations::Operation& op, const Environment& env, Instant now) {
  auto import = store::Load(tx, op.id, true);
  if (!import) return op.Fail({Code::kInternal, Reason::kInternal, "the import is not there any more"});
  const TimerContext ctx{.now = now, .key = op.id, .env = env};
  const KindSpec* kind = engine.Find(import->kind);
  const Care care = op.attempts < kFailuresTogether ? Care::kTogether : Care::kOneByOne;
  std::int64_t lines = LinesOf(op.checkpoint);
  if (kind == nullptr) {
    Fail(*import, "this release does not take files of this kind");
  } else if (import->phase == kTidies) {
    Tidy(tx, engine, *import);
  } else if (import->phase == 0) {
    const std::int64_t line = import->line;
    ReadPart(tx, engine, *kind, *import, ctx, care);
    if (import->phase != 0) lines = line;
  } else {
    ApplyPart(tx, engine, *kind, *import, ctx, care);
  }
  store::Save(tx, *import);
  if (kind != nullptr) MarkProgress(*kind, *import, lines, &op);
  if (!import->failure.empty()) {
    op.Fail({Code::kInvalidArgument, Reason::kInvalidField, import->failure});
  } else if (import->finished) {
    op.Finish();
  }
  CrashPoint("after_batch");
}

}  // namespace renxin::intake
