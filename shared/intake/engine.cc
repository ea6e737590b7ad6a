#include "shared/intake/engine.h"

#include <algorithm>
#include <map>
#include <utility>

#include "shared/core/crash.h"
#include "shared/core/csv.h"
#include "shared/core/encoding.h"
#include "shared/core/normal.h"
#include "shared/core/text.h"
#include "shared/intake/apply.h"
#include "shared/intake/handlers.h"

namespace renxin::intake {
namespace {

constexpr std::size_t kRowsWanted = 600;
constexpr std::size_t kRowsMax = 1'200;
constexpr std::int64_t kScanBytes = std::int64_t{8} << 20;  // looked through in one transaction
constexpr int kRecordsAtOnce = 400;
constexpr std::size_t kCellMax = 2'000;  // code points
// Numbers are keys of tables: an index of PostgreSQL takes no entry above 2,704 bytes.
constexpr std::size_t kNumberMax = 400;
constexpr std::chrono::milliseconds kSweepPause{300};
constexpr int kTidies = 2;  // the phase after all records have been applied

struct Page {
  std::vector<CsvRow> rows;
  bool end = false;
};

// The columns that count: empty ones at the end do not.
std::size_t WidthOf(const std::vector<std::string>& header) {
  std::size_t width = header.size();
  while (width > 0 && header[width - 1].empty()) --width;
  return width;
}

// Blanks around a name do not count.
std::vector<std::string> HeaderOf(const CsvRow& row, TextEncoding encoding) {
  std::vector<std::string> header;
  for (const std::string& name : row.cells) header.emplace_back(TrimText(DecodeLossy(name, encoding)));
  return header;
}

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

// The columns of a refused.csv that is sent back (L11).
bool IsIgnored(std::string_view column) { return column == "line" || column == "reason"; }

// Unknown columns are refused by name, required ones must be there; order is free.
std::string HeaderFault(const KindSpec& kind, const std::vector<std::string>& header) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < WidthOf(header); ++i) {
    const std::string& name = header[i];
    if (kind.IndexOf(name) < 0 && !IsIgnored(name)) return "header: unknown column \"" + std::string(FirstCodePoints(name, 60)) + "\"";
    if (!seen.insert(name).second) return "header: column \"" + name + "\" stands twice";
  }
  for (const Column& column : kind.columns) {
    if (column.required && !seen.contains(std::string(column.name)))
      return "header: column \"" + std::string(column.name) + "\" is missing";
  }
  return {};
}

std::string TooLong(std::size_t bytes) { return "longer than " + std::to_string(bytes) + " bytes"; }

// Its own number, or that of a record it names.
bool IsNumber(std::string_view column) { return column.ends_with("_no") || column == "refund_of"; }

// A row in the kind's order.
struct Shaped {
  Row row;
  std::vector<std::string> surplus;  // cells under no header
  std::string fault;                 // why it cannot be used
  bool blank = false;                // no value at all

  // What goes back to the sender: every cell under its own header, the others behind.
  Row Returned() const {
    Row all = row;
    all.cells.insert(all.cells.end(), surplus.begin(), surplus.end());
    return all;
  }
};

std::string CellFault(const std::string& column, const std::string& bytes, const std::string& cell, TextEncoding encoding) {
  if (!Decode(bytes, encoding)) return column + ": not " + std::string(NameOf(encoding));
  if (IsNumber(column) && cell.size() > kNumberMax) return column + ": " + TooLong(kNumberMax);
  if (CodePoints(cell) > kCellMax) return column + ": must have at most " + std::to_string(kCellMax) + " characters";
  return {};
}

std::string WidthFault(const CsvRow& csv, const Shaped& shaped, const std::vector<std::string>& header) {
  const std::size_t width = WidthOf(header);
  if (csv.cells.size() >= width && csv.cells.size() <= header.size()) {
    return shaped.surplus.empty() ? std::string() : "ragged row: a value stands under no header";
  }
  return "ragged row: " + std::to_string(csv.cells.size()) + " cells, the header has " + std::to_string(width);
}

// Puts the cells under their columns, as they are kept (G8): trimmed, numbers in their normal form, a spreadsheet's protection off.
Shaped Shape(const KindSpec& kind, const store::Import& op, const CsvRow& csv) {
  Shaped shaped{.row = {.line = csv.line, .cells = std::vector<std::string>(kind.columns.size())}, .surplus = {}, .fault = csv.fault};
  std::string cell_fault;
  bool any = false;
  for (std::size_t i = 0; i < csv.cells.size(); ++i) {
    // What cannot be used goes back to its sender, who has to be able to look at it.
    const std::string seen = DecodeLossy(csv.cells[i], op.encoding);
    const std::string cell(TrimText(OfSpreadsheet(seen)));
    const std::string column = i < op.header.size() ? op.header[i] : std::string();
    if (IsIgnored(column)) continue;
    any = any || !cell.empty();
    const int index = kind.IndexOf(column);
    if (index < 0) {
      if (!cell.empty()) shaped.surplus.push_back(seen);
      continue;
    }
    std::string& kept = shaped.row.cells[static_cast<std::size_t>(index)];
    kept = IsNumber(column) ? NormalCode(cell) : cell;
    if (cell_fault.empty()) cell_fault = CellFault(column, csv.cells[i], kept, op.encoding);
  }
  shaped.blank = !any && csv.fault.empty();
  if (shaped.fault.empty()) shaped.fault = WidthFault(csv, shaped, op.header);
  if (shaped.fault.empty()) shaped.fault = cell_fault;
  for (std::size_t i = 0; i < kind.columns.size() && shaped.fault.empty(); ++i) {
    if (kind.columns[i].required && shaped.row.cells[i].empty()) shaped.fault = std::string(kind.columns[i].name) + ": is required";
  }
  return shaped;
}

std::string NumberOf(const KindSpec& kind, const Row& row) {
  if (kind.number_columns.empty()) return row.cells[static_cast<std::size_t>(kind.IndexOf(kind.number))];
  std::vector<std::string> parts;
  for (const std::string_view column : kind.number_columns) parts.push_back(row.cells[static_cast<std::size_t>(kind.IndexOf(column))]);
  return Join(parts, "|");
}

// A record cannot be kept under such a number, not even to be refused as a whole: `fault` is what else is wrong with the row.
std::string NumberFault(const KindSpec& kind, const std::string& no, const std::string& fault) {
  if (no.size() <= kNumberMax) return {};
  std::string reason(kind.number);
  if (kind.number_columns.empty()) {
    reason += ": " + TooLong(kNumberMax);
  } else {
    reason = Join({kind.number_columns.begin(), kind.number_columns.end()}, " and ") + ": together " + TooLong(kNumberMax);
  }
  return fault.empty() || fault == reason ? reason : reason + "; " + fault;
}

void RefuseRow(Tx& tx, const TimerContext& ctx, store::Import& op, const Row& row, const std::string& reason) {
  store::StoreRefused(tx, ctx.env, op.id, Record{.no = "", .rows = {row}, .target_id = ""}, reason, ctx.now);
  op.report.set_read(op.report.read() + 1);
  op.report.set_refused(op.report.refused() + 1);
}

// A grouped record with a row that cannot be used is refused as a whole; its number says which.
constexpr std::string_view kBadRow =
    "\x01"
    "bad row: ";

// Rows become records. A number that comes again starts a new batch, so that the later row sees the
// earlier one applied.
void StoreRows(Tx& tx, const Engine& engine, const KindSpec& kind, store::Import& op, const std::vector<CsvRow>& rows,
               const TimerContext& ctx) {
  std::vector<Record> records;
  std::set<std::string> numbers;
  const auto flush = [&] {
    if (kind.grouped) {
      store::StageRows(tx, ctx.env, op.id, records);
    } else {
      ApplyRecords(tx, engine, kind, op, std::move(records), ctx.env, ctx.now);
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

void ReadPart(Tx& tx, const Engine& engine, const KindSpec& kind, store::Import& op, const TimerContext& ctx) {
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
  StoreRows(tx, engine, kind, op, page.rows, ctx);
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
void ApplyPart(Tx& tx, const Engine& engine, const KindSpec& kind, store::Import& op, const TimerContext& ctx) {
  std::vector<Record> records = store::StagedRecords(tx, ctx.env, op.id, op.line, kRecordsAtOnce);
  if (records.empty()) return Finish(tx, engine, op);
  op.line = records.back().rows.front().line;
  std::vector<Record> sound;
  for (Record& record : records) {
    std::string fault;
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
  ApplyRecords(tx, engine, kind, op, std::move(sound), ctx.env, ctx.now);
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

void ArrivedLater(Tx& tx, std::string_view source, std::string_view needs_kind, Instant now) {
  static const db::InsertSpec kSweep{
      .table = "timers", .columns = {"kind", "key", "due_at", "attempts"}, .suffix = "on conflict do nothing", .key_columns = 2};
  tx.Stage(kSweep, {std::string("import.sweep"), std::string(needs_kind) + "/" + std::string(source), now.Plus(kSweepPause).micros,
                    std::int64_t{0}});
}

operations::Type Engine::Install(runtime::Service& service) {
  InstallHandlers(service, *this);
  service.Timer("import.retry", [this](Tx& tx, const TimerContext& ctx) { RetryWaiting(tx, *this, ctx); });
  service.Timer("import.sweep", &SweepWaiting);
  service.Timer("import.wake", [this](Tx& tx, const TimerContext& ctx) { WakeMore(tx, *this, ctx); });
  service.Timer("import.close", [this](Tx& tx, const TimerContext& ctx) { CloseOld(tx, *this, ctx); });
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
  std::int64_t lines = LinesOf(op.checkpoint);
  if (kind == nullptr) {
    Fail(*import, "this release does not take files of this kind");
  } else if (import->phase == kTidies) {
    Tidy(tx, engine, *import);
  } else if (import->phase == 0) {
    const std::int64_t line = import->line;
    ReadPart(tx, engine, *kind, *import, ctx);
    if (import->phase != 0) lines = line;
  } else {
    ApplyPart(tx, engine, *kind, *import, ctx);
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
