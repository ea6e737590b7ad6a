#include "shared/core/csv.h"

#include <algorithm>
#include <array>

#include "shared/core/money.h"
#include "shared/core/normal.h"

namespace renxin {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

bool EndsLine(char c) { return c == '\n' || c == '\r'; }

// The bytes of the first line with its end.
std::size_t FirstLineBytes(std::string_view raw) {
  const std::size_t end = raw.find_first_of("\r\n");
  if (end == std::string_view::npos) return raw.size();
  return raw[end] == '\r' && end + 1 < raw.size() && raw[end + 1] == '\n' ? end + 2 : end + 1;
}

// Where a quoted cell that is whole ends, behind its quote; nothing when it is not whole.
std::optional<std::size_t> EndOfQuoted(std::string_view line, std::size_t at) {
  for (std::size_t i = at + 1; i < line.size(); ++i) {
    if (line[i] != '"') continue;
    if (i + 1 < line.size() && line[i + 1] == '"') {
      ++i;
    } else if (i + 1 == line.size() || line[i + 1] == ',') {
      return i + 1;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::string Unquoted(std::string_view quoted) {
  std::string out;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    out += quoted[i];
    if (quoted[i] == '"') ++i;
  }
  return out;
}

// The cells of a malformed line: a quote that does not belong there is a character like others.
std::vector<std::string> CellsOfFaulty(std::string_view raw) {
  std::string_view line = raw.substr(0, FirstLineBytes(raw));
  while (!line.empty() && EndsLine(line.back())) line.remove_suffix(1);
  std::vector<std::string> cells;
  for (std::size_t at = 0;;) {
    const auto quoted = at < line.size() && line[at] == '"' ? EndOfQuoted(line, at) : std::nullopt;
    const std::size_t end = quoted ? *quoted : std::min(line.find(',', at), line.size());
    const std::string_view cell = line.substr(at, end - at);
    cells.push_back(quoted ? Unquoted(cell) : std::string(cell));
    if (end >= line.size()) return cells;
    at = end + 1;
  }
}

// = + - @ and their fullwidth forms.
bool BeginsFormula(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kBegins = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
  text = TrimText(text);
  return std::any_of(kBegins.begin(), kBegins.end(), [&](std::string_view begin) { return text.starts_with(begin); });
}

std::string_view WithoutApostrophes(std::string_view text) {
  while (text.starts_with('\'')) text.remove_prefix(1);
  return text;
}

}  // namespace

void CsvReader::Feed(std::string_view bytes, const std::function<void(CsvRow)>& row) {
  for (const char c : bytes) {
    Advance(c, row);
    Replay(row);
  }
}

// What a fault gave back is read again, and may give back some of itself.
void CsvReader::Replay(const std::function<void(CsvRow)>& row) {
  while (!replay_.empty()) {
    const std::string again = std::exchange(replay_, {});
    for (std::size_t i = 0; i < again.size(); ++i) {
      Advance(again[i], row);
      if (replay_.empty()) continue;
      replay_.append(again, i + 1);
      break;
    }
  }
}

void CsvReader::Advance(char c, const std::function<void(CsvRow)>& row) {
  if (offset_ == static_cast<std::int64_t>(mark_bytes_) && mark_bytes_ < kMark.size() && c == kMark[mark_bytes_]) {
    ++mark_bytes_;
    ++offset_;
    return;
  }
  if (cr_seen_) {
    cr_seen_ = false;
    if (c == '\n') {
      raw_ += c;
      EndRow(++offset_, row);
      return;
    }
    EndRow(offset_, row);
    if (!replay_.empty()) {
      replay_ += c;
      return;
    }
  }
  ++offset_;
  Consume(c, row);
}

// True when the character belongs to no row.
bool CsvReader::ConsumeBetweenRows(char c) {
  const bool second_half = c == '\n' && blank_cr_;
  blank_cr_ = c == '\r';
  if (EndsLine(c)) {
    if (!second_half) ++line_;
    return true;
  }
  row_open_ = true;
  several_lines_ = false;
  quoted_cr_ = false;
  current_ = {};
  current_.line = line_;
  row_offset_ = offset_ - 1;
  raw_.clear();
  return false;
}

void CsvReader::Consume(char c, const std::function<void(CsvRow)>& row) {
  if (!row_open_ && ConsumeBetweenRows(c)) return;
  if (raw_.size() < kMaxRowBytes) {
    raw_ += c;
  } else if (current_.fault.empty()) {
    // A row without end (an unclosed quote) must not grow for ever.
    if (several_lines_) raw_ += c;
    Fault("row is longer than 64 KiB (a quote that is never closed?)", row);
    if (!row_open_) return;
    state_ = State::kPlain;
  }
  if (current_.fault.empty() && ConsumeQuoted(c, row)) return;
  if (EndsLine(c)) {
    ++line_;
    if (c == '\r') {
      cr_seen_ = true;
    } else {
      EndRow(offset_, row);
    }
  } else if (!current_.fault.empty()) {
    return;
  } else if (c == ',') {
    EndCell();
  } else {
    cell_ += c;
    state_ = State::kPlain;
  }
}

// True when the character was the quotes' own business.
bool CsvReader::ConsumeQuoted(char c, const std::function<void(CsvRow)>& row) {
  switch (state_) {
    case State::kQuoted:
      if (EndsLine(c)) {
        several_lines_ = true;
        if (c == '\r' || !quoted_cr_) ++line_;
      }
      quoted_cr_ = c == '\r';
      if (c == '"') {
        state_ = State::kQuoteSeen;
      } else {
        cell_ += c;
      }
      return true;
    case State::kQuoteSeen:
      if (c == '"') {
        cell_ += '"';
        state_ = State::kQuoted;
        return true;
      }
      if (c != ',' && !EndsLine(c)) {
        Fault("text behind a closing quote", row);
        return true;
      }
      break;
    case State::kStart:
      if (c == '"') {
        state_ = State::kQuoted;
        return true;
      }
      break;
    case State::kPlain:
      if (c == '"') {
        Fault("a quote inside an unquoted cell", row);
        return true;
      }
      break;
  }
  return false;
}

// A fault in the row's first line spoils that line. Behind it, it shows that a quote of the first line was a stray one.
void CsvReader::Fault(std::string_view reason, const std::function<void(CsvRow)>& row) {
  if (several_lines_) return GoBackToSecondLine(reason, row);
  current_.fault = reason;
}

void CsvReader::GoBackToSecondLine(std::string_view reason, const std::function<void(CsvRow)>& row) {
  const std::size_t first = FirstLineBytes(raw_);
  replay_ = raw_.substr(first);
  raw_.resize(first);
  offset_ = row_offset_ + static_cast<std::int64_t>(first);
  line_ = current_.line + 1;
  several_lines_ = false;
  current_.fault = reason;
  EndRow(offset_, row);
}

void CsvReader::EndCell() {
  current_.cells.push_back(std::move(cell_));
  cell_.clear();
  state_ = State::kStart;
}

void CsvReader::EndRow(std::int64_t end_offset, const std::function<void(CsvRow)>& row) {
  EndCell();
  if (several_lines_ && (current_.cells.size() < least_ || current_.cells.size() > most_)) {
    return GoBackToSecondLine("a quote is not closed on its line, and the row it opens has " + std::to_string(current_.cells.size()) +
                                  " cells, the header has " + std::to_string(least_),
                              row);
  }
  if (!current_.fault.empty()) current_.cells = CellsOfFaulty(raw_);
  current_.end_offset = end_offset;
  current_.end_line = line_;
  row_open_ = false;
  blank_cr_ = false;
  row(std::exchange(current_, {}));
}

void CsvReader::Finish(const std::function<void(CsvRow)>& row) {
  while (row_open_) {
    cr_seen_ = false;
    if (state_ == State::kQuoted && current_.fault.empty()) {
      Fault("a quote that is never closed", row);
      if (row_open_) EndRow(offset_, row);
    } else {
      EndRow(offset_, row);
    }
    Replay(row);
  }
}

std::string CsvLine(const std::vector<std::string>& cells) {
  // A line with nothing on it would be read as no row.
  if (cells.size() == 1 && cells[0].empty()) return R"("")";
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    const std::string& cell = cells[i];
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      out += cell;
      continue;
    }
    out += '"';
    for (const char c : cell) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  return out;
}

std::string ForSpreadsheet(std::string_view cell) {
  // Amounts below zero stay numbers.
  const bool protect = BeginsFormula(WithoutApostrophes(cell)) && !ParseYuan(cell);
  return (protect ? "'" : "") + std::string(cell);
}

std::string_view OfSpreadsheet(std::string_view cell) {
  const std::string_view rest = WithoutApostrophes(cell);
  return rest.size() < cell.size() && BeginsFormula(rest) ? cell.substr(1) : cell;
}

}  // namespace renxin
