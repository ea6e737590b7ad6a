#pragma once
// RFC 4180, streaming: bytes go in as they come, whole rows come out. IMPORT.md: comma, quotes, a byte-order mark is fine; lines end with
// CRLF, LF or CR, mixed too. After a stray quote reading goes on at the next line.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renxin {

struct CsvRow {
  std::int64_t line = 0;  // of its first character, from 1
  std::vector<std::string> cells;
  // Set when the row itself is malformed (a quote in the middle, too long). It is one line then, and `cells` are that line as far as its
  // cells can be told apart.
  std::string fault;
  // Offset of the first byte behind the row: a safe point to go on from.
  std::int64_t end_offset = 0;
  std::int64_t end_line = 0;
};

class CsvReader {
 public:
  // Going on from a safe point: its offset and the line number there.
  explicit CsvReader(std::int64_t offset = 0, std::int64_t line = 1) : offset_(offset), line_(line) {}

  // How many cells a row has. A row of several lines with another number is a stray quote: only its first line is a fault, and reading
  // goes on at its second. Unknown until it is set.
  void ExpectCells(std::size_t least, std::size_t most) {
    least_ = least;
    most_ = most;
  }

  // Takes the next bytes and hands out the rows that they complete. Blank lines are no rows.
  void Feed(std::string_view bytes, const std::function<void(CsvRow)>& row);
  // The file has ended: hands out what is left where no newline follows it.
  void Finish(const std::function<void(CsvRow)>& row);

  // Line number at the current position.
  std::int64_t line() const { return line_; }

  static constexpr std::size_t kMaxRowBytes = 64 * 1024;

 private:
  enum class State { kStart, kPlain, kQuoted, kQuoteSeen };
  void Replay(const std::function<void(CsvRow)>& row);
  void Advance(char c, const std::function<void(CsvRow)>& row);
  void Consume(char c, const std::function<void(CsvRow)>& row);
  bool ConsumeBetweenRows(char c);
  bool ConsumeQuoted(char c, const std::function<void(CsvRow)>& row);
  void Fault(std::string_view reason, const std::function<void(CsvRow)>& row);
  void GoBackToSecondLine(std::string_view reason, const std::function<void(CsvRow)>& row);
  void EndCell();
  void EndRow(std::int64_t end_offset, const std::function<void(CsvRow)>& row);

  std::int64_t offset_;
  std::int64_t line_;
  std::size_t least_ = 0;
  std::size_t most_ = SIZE_MAX;
  State state_ = State::kStart;
  bool row_open_ = false;
  bool cr_seen_ = false;         // a CR ended the row, a LF may belong to it
  bool blank_cr_ = false;        // the same of a blank line
  bool quoted_cr_ = false;       // the same inside quotes
  bool several_lines_ = false;   // a quoted cell ran over the end of a line
  std::int64_t row_offset_ = 0;  // of the row's first byte
  std::size_t mark_bytes_ = 0;   // bytes of a byte-order mark seen at offset 0
  std::string raw_;              // the row as it stands in the file
  std::string replay_;           // bytes to be read again
  std::string cell_;
  CsvRow current_;
};

// One row as RFC 4180 text without the newline.
std::string CsvLine(const std::vector<std::string>& cells);

// L11: what a spreadsheet would run as a formula gets a ' in front; OfSpreadsheet takes it off again, whatever stood there before.
std::string ForSpreadsheet(std::string_view cell);
std::string_view OfSpreadsheet(std::string_view cell);

}  // namespace renxin
