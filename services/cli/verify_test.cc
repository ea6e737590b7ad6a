#include "services/cli/verify.h"

#include <gmock/gmock.h>

#include <functional>

#include "services/cli/digest.h"

namespace renxin::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// 100,000.00 under C3: 2,500 + 1,800 + 1,400, and a C8 of 30 %.
constexpr const char* kLockedStatement = R"({
  "period": "2011-01", "staff_no": "R1", "performance_fen": "10010000", "source_count": "3", "commission_fen": "573000",
  "totals": [{"rule": "C3", "amount_fen": "570000"}, {"rule": "C8", "amount_fen": "3000"}],
  "lines": [
    {"rule": "C3", "plan": "plan-a", "own_fen": "10000000", "base_fen": "10000000", "mode": "TABLE_MODE_MARGINAL", "amount_fen": "570000",
     "parts": [{"from_fen": "0", "amount_fen": "5000000", "rate_bp": 500}, {"from_fen": "5000000", "amount_fen": "3000000", "rate_bp": 600},
               {"from_fen": "8000000", "amount_fen": "2000000", "rate_bp": 700}]},
    {"rule": "C8", "plan": "plan-b", "category": "checkup", "own_fen": "10000", "base_fen": "10000", "amount_fen": "3000",
     "parts": [{"amount_fen": "10000", "rate_bp": 3000}]}]})";

constexpr const char* kSources = R"([
  {"settlement_no": "1", "line_no": "1", "line_fen": "10000001", "share_bp": 10000, "credited_fen": "10000001", "rule": "C3"},
  {"settlement_no": "2", "line_no": "1", "line_fen": "-1", "share_bp": 5000, "credited_fen": "-1", "rule": "C3"},
  {"settlement_no": "3", "line_no": "1", "line_fen": "10000", "share_bp": 10000, "credited_fen": "10000", "rule": "C8", "category": "checkup"}])";

json::object Statement() { return json::parse(kLockedStatement).as_object(); }
json::array Sources() { return json::parse(kSources).as_array(); }
// As if the figures had been stated with that hash.
std::vector<std::string> Verify(json::object statement, const json::array& sources) {
  statement["hash"] = StatementHash(statement, sources);
  return VerifyStatement(statement, sources);
}
json::object& LineOf(json::object& statement, std::size_t i) { return statement["lines"].as_array()[i].as_object(); }

TEST(Verify, ARightStatementIsRight) { EXPECT_THAT(Verify(Statement(), Sources()), IsEmpty()); }

TEST(Verify, TheHashIsOverFiguresAndSourcesInAnyOrder) {
  const auto statement =
      json::parse(R"({"period": "2011-01", "payee_id": "p", "performance_fen": "7", "lines": [{"rule": "C8", "plan": "plan-b",
    "plan_version": "1", "category": "checkup", "carried_in_fen": "-1", "own_fen": "3", "amount_fen": "1"}, {"rule": "C13", "corrects_period": "2010-12"}]})");
  auto sources = json::parse(R"([{"settlement_no": "B", "line_no": "1", "line_fen": "4", "share_bp": 5000, "credited_fen": "2"},
    {"settlement_no": "A", "line_no": "2", "line_fen": "-5", "share_bp": 10000, "credited_fen": "-5"}])")
                     .as_array();
  const std::string text =
      "2011-01|p|7\n"
      "C8|plan-b|1|checkup|-1|3|1|\n"
      "C13||0||0|0|0|2010-12\n"
      "A|2|-5|10000|-5\n"
      "B|1|4|5000|2";
  EXPECT_EQ(StatementHash(statement.as_object(), sources), TextDigest(text));
  std::swap(sources[0], sources[1]);
  EXPECT_EQ(StatementHash(statement.as_object(), sources), TextDigest(text));
  EXPECT_THAT(VerifyStatement(statement.as_object(), sources), testing::Contains(HasSubstr("hash")));
}

struct Wrong {
  const char* name;
  std::function<void(json::object&, json::array&)> spoil;
  const char* expected;
};

class VerifyWrong : public testing::TestWithParam<Wrong> {};

TEST_P(VerifyWrong, IsReported) {
  json::object statement = Statement();
  json::array sources = Sources();
  GetParam().spoil(statement, sources);
  const auto differences = Verify(statement, sources);
  EXPECT_THAT(differences, testing::Contains(HasSubstr(GetParam().expected)));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, VerifyWrong,
    testing::Values(
        Wrong{"performance", [](json::object& s, json::array&) { s["performance_fen"] = "10010001"; },
              "performance: the statement says 100100.01"},
        Wrong{"count", [](json::object& s, json::array&) { s["source_count"] = "4"; },
              "number of sources: the statement says 4, worked out 3"},
        Wrong{"missing source", [](json::object&, json::array& a) { a.erase(a.begin()); }, "C3 own amount"},
        Wrong{"amount", [](json::object& s, json::array&) { LineOf(s, 0)["amount_fen"] = "570001"; },
              "line 1 (C3) amount: the statement says 5700.01"},
        Wrong{"base", [](json::object& s, json::array&) { LineOf(s, 0)["base_fen"] = "1"; }, "line 1 (C3) base"},
        Wrong{"a gap", [](json::object& s, json::array&) { LineOf(s, 0)["parts"].as_array()[1].as_object()["from_fen"] = "5000001"; },
              "part from"},
        Wrong{"parts", [](json::object& s, json::array&) { LineOf(s, 0)["parts"].as_array().pop_back(); }, "sum of parts"},
        Wrong{"slab in parts", [](json::object& s, json::array&) { LineOf(s, 0)["mode"] = "TABLE_MODE_SLAB"; }, "more than one part"},
        Wrong{"rate", [](json::object& s, json::array&) { LineOf(s, 1)["parts"].as_array()[0].as_object()["rate_bp"] = 3001; },
              "line 2 (C8) amount"},
        Wrong{"carried out", [](json::object& s, json::array&) { LineOf(s, 0)["carried_out_fen"] = "-5"; }, "carried out"},
        Wrong{"commission", [](json::object& s, json::array&) { s["commission_fen"] = "1"; }, "commission: the statement says 0.01"},
        Wrong{"a total", [](json::object& s, json::array&) { s["totals"].as_array().pop_back(); }, "total of C8 is missing"},
        Wrong{"share", [](json::object&, json::array& a) { a[1].as_object()["credited_fen"] = "-3"; },
              "settlement 2 line 1: -0.03 is no share"},
        Wrong{"whole share", [](json::object&, json::array& a) { a[0].as_object()["credited_fen"] = "10000000"; },
              "is no share of 10000 bp of 100000.01"},
        Wrong{"category", [](json::object&, json::array& a) { a[2].as_object()["category"] = "dental"; },
              "C8 dental: 100.00 of sources, but no line"}));

TEST(Verify, WhatIsBelowZeroPaysNothingAndIsCarried) {
  const auto statement =
      json::parse(R"({"performance_fen": "-500", "source_count": 1, "commission_fen": "0", "totals": [{"rule": "C3", "amount_fen": "0"}],
    "lines": [{"rule": "C3", "own_fen": "-500", "carried_in_fen": "-100", "base_fen": "-600", "carried_out_fen": "-600", "amount_fen": "0"}]})");
  const auto sources = json::parse(R"([{"line_fen": "-500", "share_bp": 10000, "credited_fen": "-500", "rule": "C3"}])");
  EXPECT_THAT(Verify(statement.as_object(), sources.as_array()), IsEmpty());
}

TEST(Verify, HalfAFenIsRoundedAwayFromZeroOncePerLine) {
  // 0.10 yuan at 5 % is half a fen.
  const auto statement =
      json::parse(R"({"performance_fen": "10", "source_count": 1, "commission_fen": "1", "totals": [{"rule": "C3", "amount_fen": "1"}],
    "lines": [{"rule": "C3", "own_fen": "10", "base_fen": "10", "amount_fen": "1", "mode": "TABLE_MODE_MARGINAL",
               "parts": [{"from_fen": "0", "amount_fen": "10", "rate_bp": 500}]}]})");
  const auto sources = json::parse(R"([{"line_fen": "10", "share_bp": 10000, "credited_fen": "10", "rule": "C3"}])");
  EXPECT_THAT(Verify(statement.as_object(), sources.as_array()), IsEmpty());
}

TEST(Verify, AmountsBeyond64BitsOfProductDoNotOverflow) {
  const auto statement = json::parse(R"({"performance_fen": "90000000000000000", "source_count": 1, "commission_fen": "9000000000000000",
    "totals": [{"rule": "C7", "amount_fen": "9000000000000000"}],
    "lines": [{"rule": "C7", "own_fen": "90000000000000000", "base_fen": "90000000000000000", "amount_fen": "9000000000000000",
               "mode": "TABLE_MODE_SLAB", "parts": [{"from_fen": "20000000", "amount_fen": "90000000000000000", "rate_bp": 1000}]}]})");
  const auto sources =
      json::parse(R"([{"line_fen": "90000000000000000", "share_bp": 10000, "credited_fen": "90000000000000000", "rule": "C7"}])");
  EXPECT_THAT(Verify(statement.as_object(), sources.as_array()), IsEmpty());
}

TEST(Verify, ACorrectionIsWhatShouldBeLessWhatWas) {
  json::object statement = json::parse(R"({"commission_fen": "-40", "totals": [{"rule": "C13", "amount_fen": "-40"}],
    "lines": [{"rule": "C13", "should_be_fen": "60", "was_fen": "100", "amount_fen": "-40"}]})")
                               .as_object();
  EXPECT_THAT(Verify(statement, {}), IsEmpty());
  LineOf(statement, 0)["was_fen"] = "99";
  EXPECT_THAT(Verify(statement, {}), ElementsAre(HasSubstr("line 1 (C13) amount")));
}

}  // namespace
}  // namespace renxin::cli
