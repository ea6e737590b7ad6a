#include "shared/core/csv.h"

namespace renxin {
namespace {
constexpr std::string_view kMark = "\xEF\xBB\xBF";
}

void CsvReader::Feed(std::string_view bytes, const std::function<void(CsvRow)>& row) {
  for (const char c : bytes) {
    if (offset_ == static_cast<std::int64_t>(mark_bytes_) && mark_bytes_ < kMark.size() && c == kMark[mark_bytes_]) {
      ++mark_bytes_;
      ++offset_;
      continue;
    }
    ++offset_;
    Take(c, row);
  }
}

void CsvReader::Take(char c, const std::function<void(CsvRow)>& row) {
  if (!row_open_) {
    if (c == '\r') return;
    if (c == '\n') {
      ++line_;
      return;
    }
    row_open_ = true;
    current_ = {};
    current_.line = line_;
    row_bytes_ = 0;
  }
  if (c == '\n') ++line_;
  // A row without end (an unclosed quote) must not grow for ever; it ends at its next line.
  if (++row_bytes_ > kMaxRowBytes && current_.fault.empty()) {
    current_.fault = "row is longer than 64 KiB (a quote that is never closed?)";
    state_ = State::kPlain;
  }
  if (!current_.fault.empty()) {
    if (c == '\n') EndRow(row);
    return;
  }
  if (TakeQuoted(c)) return;
  if (c == ',') {
    EndCell();
  } else if (c == '\n') {
    EndRow(row);
  } else if (c != '\r') {
    cell_ += c;
    state_ = State::kPlain;
  }
}

bool CsvReader::TakeQuoted(char c) {
  switch (state_) {
    case State::kQuoted:
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
      if (c != ',' && c != '\n' && c != '\r') {
        current_.fault = "text behind a closing quote";
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
        current_.fault = "a quote inside an unquoted cell";
        return true;
      }
      break;
  }
  return false;
}

void CsvReader::EndCell() {
  current_.cells.push_back(std::move(cell_));
  cell_.clear();
  state_ = State::kStart;
}

void CsvReader::EndRow(const std::function<void(CsvRow)>& row) {
  EndCell();
  current_.end_offset = offset_;
  current_.end_line = line_;
  row_open_ = false;
  row(std::move(current_));
  current_ = {};
}

void CsvReader::Finish(const std::function<void(CsvRow)>& row) {
  if (!row_open_) return;
  if (state_ == State::kQuoted && current_.fault.empty()) current_.fault = "a quote that is never closed";
  EndRow(row);
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

}  // namespace renxin
