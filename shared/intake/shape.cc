#include "shared/intake/shape.h"

#include <set>

#include "shared/core/encoding.h"
#include "shared/core/normal.h"
#include "shared/core/text.h"

namespace renxin::intake {
namespace {

constexpr std::size_t kCellMax = 2'000;  // code points
// Numbers are keys of tables: an index of PostgreSQL takes no entry above 2,704 bytes.
constexpr std::size_t kNumberMax = 400;

// The columns of a refused.csv that is sent back (L11).
bool IsIgnored(std::string_view column) { return column == "line" || column == "reason"; }

std::string TooLong(std::size_t bytes) { return "longer than " + std::to_string(bytes) + " bytes"; }

// Its own number, or that of a record it names.
bool IsNumber(std::string_view column) { return column.ends_with("_no") || column == "refund_of"; }

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

}  // namespace

std::size_t WidthOf(const std::vector<std::string>& header) {
  std::size_t width = header.size();
  while (width > 0 && header[width - 1].empty()) --width;
  return width;
}

std::vector<std::string> HeaderOf(const CsvRow& row, TextEncoding encoding) {
  std::vector<std::string> header;
  for (const std::string& name : row.cells) header.emplace_back(TrimText(DecodeLossy(name, encoding)));
  return header;
}

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

Row Shaped::Returned() const {
  Row all = row;
  all.cells.insert(all.cells.end(), surplus.begin(), surplus.end());
  return all;
}

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

}  // namespace renxin::intake
