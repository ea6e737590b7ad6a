#pragma once
// Tables for people: columns as wide as what stands in them, figures to the right.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace renxin::cli {

enum class Align { kLeft, kRight };

struct Column {
  std::string heading;
  Align align = Align::kLeft;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // Missing cells are empty.
  void Row(std::vector<std::string> cells);
  // A line of text under the last row, over all columns.
  void PrintInfo(std::string text);
  // A rule between rows, e.g. above a total.
  void Rule();
  std::string ToText() const;
  bool empty() const { return rows_.empty(); }

 private:
  enum class Kind { kRow, kNote, kRule };
  struct Line {
    Kind kind;
    std::vector<std::string> cells;
  };
  std::vector<Column> columns_;
  std::vector<Line> rows_;
};

// Cells of a terminal: a Chinese character takes two.
std::size_t DisplayWidth(std::string_view utf8);
// What a service sent must not move the cursor: control characters become `?`.
std::string Harmless(std::string_view text);
// 650 → "6.5 %".
std::string FormatRate(std::int64_t basis_points);

}  // namespace renxin::cli
