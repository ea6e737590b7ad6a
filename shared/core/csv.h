#pragma once
// RFC 4180, streaming: bytes go in as they come, whole rows come out. IMPORT.md: comma, quotes, a
// byte-order mark is fine, CRLF or LF.

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
  // Set when the row itself is malformed (a quote in the middle, too long); cells are then not to be used.
  std::string fault;
  // Offset of the first byte behind the row: a safe point to go on from.
  std::int64_t end_offset = 0;
  std::int64_t end_line = 0;
};

class CsvReader {
 public:
  // Going on from a safe point: its offset and the line number there.
  explicit CsvReader(std::int64_t offset = 0, std::int64_t line = 1) : offset_(offset), line_(line) {}

  // Takes the next bytes and hands out the rows that they complete. Blank lines are no rows.
  void Feed(std::string_view bytes, const std::function<void(CsvRow)>& row);
  // The file has ended: hands out the last row where no newline follows it.
  void Finish(const std::function<void(CsvRow)>& row);

  // Line number at the current position.
  std::int64_t line() const { return line_; }

  static constexpr std::size_t kMaxRowBytes = 64 * 1024;

 private:
  enum class State { kStart, kPlain, kQuoted, kQuoteSeen };
  void Take(char c, const std::function<void(CsvRow)>& row);
  // True when the character was the quotes' own business.
  bool TakeQuoted(char c);
  void EndCell();
  void EndRow(const std::function<void(CsvRow)>& row);

  std::int64_t offset_;
  std::int64_t line_;
  State state_ = State::kStart;
  bool row_open_ = false;
  std::size_t row_bytes_ = 0;
  std::size_t mark_bytes_ = 0;  // bytes of a byte-order mark seen at offset 0
  std::string cell_;
  CsvRow current_;
};

// One row as RFC 4180 text without the newline.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace renxin
