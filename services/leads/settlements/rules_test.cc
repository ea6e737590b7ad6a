#include "services/leads/settlements/rules.h"

#include <gtest/gtest.h>

namespace renxin::leads::settlements {
namespace {

const std::vector<std::string> kCategories{"other", "checkup"};

struct CheckCase {
  const char* name;
  Kind kind;
  std::vector<Line> lines;
  const char* field;  // empty: sound
};

TEST(Settlements, L7_all_lines_or_none) {
  const std::vector<CheckCase> cases{
      {"sound sale", Kind::kSale, {{"1", "other", 100}, {"2", "checkup", -5}}, ""},
      {"sound refund", Kind::kRefund, {{"1", "other", -100}, {"2", "other", 0}}, ""},
      {"refund above zero", Kind::kRefund, {{"1", "other", -1}, {"2", "other", 1}}, "lines[1].amount"},
      {"line twice", Kind::kSale, {{"1", "other", 1}, {"1", "other", 1}}, "lines[1].line_no"},
      {"unknown category", Kind::kSale, {{"1", "other", 1}, {"2", "magic", 1}}, "lines[1].category"},
  };
  for (const CheckCase& c : cases) {
    const auto result = Check(c.kind, c.lines, kCategories);
    EXPECT_EQ(result.ok() ? "" : result.error().fields.front().field, c.field) << c.name;
  }
}

TEST(Settlements, G1_total_is_the_sum) { EXPECT_EQ(Total({{"1", "other", 100}, {"2", "other", -1}}), 99); }

}  // namespace
}  // namespace renxin::leads::settlements
