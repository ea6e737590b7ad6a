#include "shared/core/csv.h"

#include <gtest/gtest.h>

namespace renxin {
namespace {

std::vector<CsvRow> ReadAll(std::string_view text, std::size_t piece, std::size_t cells = 0) {
  std::vector<CsvRow> rows;
  CsvReader reader;
  if (cells > 0) reader.ExpectCells(cells, cells);
  const auto take = [&](CsvRow row) { rows.push_back(std::move(row)); };
  for (std::size_t at = 0; at < text.size(); at += piece) reader.Feed(text.substr(at, piece), take);
  reader.Finish(take);
  return rows;
}

TEST(Csv, reads_the_same_rows_in_pieces_of_any_size) {
  const std::string text =
      "\xEF\xBB\xBF"
      "a,b\r\n\"1,2\",\"say \"\"x\"\"\"\n\n\"two\nlines\",𠮷\nlast,";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const std::vector<CsvRow> rows = ReadAll(text, piece);
    ASSERT_EQ(rows.size(), 4U) << piece;
    EXPECT_EQ(rows[0].cells, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(rows[1].cells, (std::vector<std::string>{"1,2", "say \"x\""}));
    EXPECT_EQ(rows[2].cells, (std::vector<std::string>{"two\nlines", "𠮷"}));
    EXPECT_EQ(rows[2].line, 4);
    EXPECT_EQ(rows[3].cells, (std::vector<std::string>{"last", ""}));
    EXPECT_EQ(rows[3].line, 6);
  }
}

TEST(Csv, goes_on_from_a_safe_point) {
  const std::string text = "a\nb\n\"c\nd\"\ne\n";
  const std::vector<CsvRow> all = ReadAll(text, 100);
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    CsvReader reader(all[i].end_offset, all[i].end_line);
    std::vector<CsvRow> rest;
    reader.Feed(std::string_view(text).substr(static_cast<std::size_t>(all[i].end_offset)),
                [&](CsvRow row) { rest.push_back(std::move(row)); });
    ASSERT_EQ(rest.size(), all.size() - i - 1);
    EXPECT_EQ(rest.front().cells, all[i + 1].cells);
    EXPECT_EQ(rest.front().line, all[i + 1].line);
  }
}

TEST(Csv, a_fault_spoils_its_own_row_alone) {
  const std::vector<CsvRow> rows = ReadAll("a\"b\n\"x\"y\nok\n\"open", 3);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].fault, "a quote inside an unquoted cell");
  EXPECT_EQ(rows[1].fault, "text behind a closing quote");
  EXPECT_EQ(rows[2].fault, "");
  EXPECT_EQ(rows[3].fault, "a quote that is never closed");
}

TEST(Csv, L11_lines_end_with_CRLF_LF_or_CR_mixed_too) {
  const std::string text = "a,b\r1,2\n3,4\r\n\r\r\n\n\"x\ry\",5\r\r6,7";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const std::vector<CsvRow> rows = ReadAll(text, piece, 2);
    ASSERT_EQ(rows.size(), 5U) << piece;
    EXPECT_EQ(rows[1].cells, (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(rows[2].cells, (std::vector<std::string>{"3", "4"}));
    EXPECT_EQ(rows[2].end_offset, 13);
    EXPECT_EQ(rows[3].cells, (std::vector<std::string>{"x\ry", "5"}));
    EXPECT_EQ(rows[3].line, 7);
    EXPECT_EQ(rows[4].line, 10);
  }
}

struct Stray {
  const char* name;
  const char* text;
  std::vector<std::int64_t> faults;         // lines
  std::vector<std::string> first_cells;     // of all rows
  std::vector<std::string> cells_of_fault;  // of the first fault
};

TEST(Csv, L11_after_a_stray_quote_reading_goes_on_at_the_next_line) {
  const std::vector<Stray> cases = {
      {"never closed", "Q1,a,1\nQ2,\"b,2\nQ3,c,3\nQ4,d,4\n", {2}, {"Q1", "Q2", "Q3", "Q4"}, {"Q2", "\"b", "2"}},
      {"never closed, CR", "Q1,a,1\rQ2,\"b,2\rQ3,c,3\rQ4,d,4", {2}, {"Q1", "Q2", "Q3", "Q4"}, {"Q2", "\"b", "2"}},
      {"a sound quote behind it", "Q2,\"b,2\r\nQ3,\"c,c\",3\r\nQ4,d,4\r\n", {1}, {"Q2", "Q3", "Q4"}, {"Q2", "\"b", "2"}},
      {"closed by another stray one", "Q2,\"b,2\nQ3,c\",3,4\nQ4,d,4\n", {1, 2}, {"Q2", "Q3", "Q4"}, {"Q2", "\"b", "2"}},
      {"too many cells", "Q2,\"b,2\nQ3\",c,3,4\nQ4,d,4\n", {1, 2}, {"Q2", "Q3\"", "Q4"}, {"Q2", "\"b", "2"}},
      {"in the middle", "Q1,a 6\" b,1\nQ2,b,2\n", {1}, {"Q1", "Q2"}, {"Q1", "a 6\" b", "1"}},
      {"in the middle behind a quoted comma", "\"Q,1\",a 6\" b,1\nQ2,b,2\n", {1}, {"Q,1", "Q2"}, {"Q,1", "a 6\" b", "1"}},
      {"in the last line", "Q1,a,1\nQ2,b,\"", {2}, {"Q1", "Q2"}, {"Q2", "b", "\""}},
      {"several lines are one row where they fit", "Q1,\"a\nb\",1\nQ2,b,2\n", {}, {"Q1", "Q2"}, {}},
  };
  for (const Stray& c : cases) {
    const std::string_view text = c.text;
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
      const std::vector<CsvRow> rows = ReadAll(text, piece, 3);
      std::vector<std::int64_t> faults;
      std::vector<std::string> first;
      for (const CsvRow& row : rows) {
        if (!row.fault.empty() && faults.empty()) {
          EXPECT_EQ(row.cells, c.cells_of_fault) << c.name;
        }
        if (!row.fault.empty()) faults.push_back(row.line);
        first.push_back(row.cells.front());
      }
      EXPECT_EQ(faults, c.faults) << c.name << " in pieces of " << piece;
      EXPECT_EQ(first, c.first_cells) << c.name << " in pieces of " << piece;
      EXPECT_EQ(rows.back().end_offset, static_cast<std::int64_t>(text.size())) << c.name;
    }
  }
}

TEST(Csv, L11_a_stray_quote_over_more_than_a_row_may_hold_spoils_its_line_alone) {
  std::string text = "Q0,\"a,1\n";
  for (int i = 1; i < 9'000; ++i) text += "Q" + std::to_string(i) + ",name,1\n";
  const std::vector<CsvRow> rows = ReadAll(text, 4096, 3);
  ASSERT_EQ(rows.size(), 9'000U);
  EXPECT_NE(rows[0].fault, "");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].fault, "") << i;
    ASSERT_EQ(rows[i].cells.front(), "Q" + std::to_string(i));
    ASSERT_EQ(rows[i].line, static_cast<std::int64_t>(i) + 1);
  }
}

TEST(Csv, L11_what_a_spreadsheet_would_run_is_protected_and_the_protection_is_taken_off_again) {
  for (const char* cell :
       {"=1+1", "+86", "-小明", "@x", "\t=1+1", "\r=1+1", " =1+1", "\u00A0=1", "＝1+1", "＠SUM(1)", "＋1", "－x", "'=1", "''-x"}) {
    EXPECT_EQ(ForSpreadsheet(cell), std::string("'") + cell) << cell;
    EXPECT_EQ(OfSpreadsheet(ForSpreadsheet(cell)), cell) << cell;
  }
  for (const char* cell : {"", "小明", "-12.50", "a=1", "'tis", "2026-01-01", "'"}) {
    EXPECT_EQ(ForSpreadsheet(cell), cell) << cell;
    EXPECT_EQ(OfSpreadsheet(cell), cell) << cell;
  }
}

TEST(Csv, a_row_without_end_does_not_grow_for_ever) {
  const std::string text = "\"" + std::string(200'000, 'x') + "\nnext\n";
  const std::vector<CsvRow> rows = ReadAll(text, 4096);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_NE(rows[0].fault, "");
  EXPECT_EQ(rows[1].cells, (std::vector<std::string>{"next"}));
}

TEST(Csv, a_line_that_is_written_reads_back) {
  const std::vector<std::string> cells{"plain", "a,b", "q\"q", "l\nl", ""};
  const std::vector<CsvRow> rows = ReadAll(CsvLine(cells) + "\n", 2);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].cells, cells);
}

TEST(Csv, one_empty_cell_is_a_row) {
  const std::vector<CsvRow> rows = ReadAll(CsvLine({""}) + "\n", 2);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].cells, std::vector<std::string>{""});
}

}  // namespace
}  // namespace renxin
