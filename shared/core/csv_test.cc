#include "shared/core/csv.h"

#include <gtest/gtest.h>

namespace renxin {
namespace {

std::vector<CsvRow> ReadAll(std::string_view text, std::size_t piece) {
  std::vector<CsvRow> rows;
  CsvReader reader;
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
