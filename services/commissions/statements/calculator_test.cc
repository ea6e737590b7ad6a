#include "services/commissions/statements/calculator.h"

#include <gtest/gtest.h>

#include <random>

#include "shared/testing/days.h"

namespace renxin::commissions::statements {
namespace {

const plans::Plan* PlanBEveryDay(Day) {
  static const plans::Plan plan = plans::DefaultPlanB();
  return &plan;
}

Credit Of(Day day, Fen fen, const std::string& id, const char* category = "other") {
  return {.settlement_id = id,
          .settlement_no = "no-" + id,
          .line_no = "1",
          .category = category,
          .version = 3,
          .settled_on = day,
          .line_fen = fen,
          .share_bp = 10'000,
          .credited_fen = fen};
}

Inputs For(const char* period, std::vector<Credit> credits) {
  return {.payee = {"p1", "R1", "hr"}, .period = M(period), .credits = std::move(credits), .plan_on = PlanBEveryDay};
}

Statement StatementOf(const Inputs& inputs, const std::vector<Line>& corrections = {}) {
  return Compute(inputs, ChainOf(inputs).at(inputs.period), corrections, {});
}

TEST(Calculator, C12_a_statement_has_its_sources_totals_and_hash) {
  Credit open = Of(D("2026-04-20"), 700'00, "s3");
  open.course_no = "K1";
  const Inputs inputs = For("2026-05", {Of(D("2026-05-03"), 20'000'00, "s1"), Of(D("2026-04-30"), 100'00, "s2"), open});
  const Statement statement = StatementOf(inputs);
  EXPECT_EQ(statement.period, "2026-05");
  EXPECT_EQ(statement.performance, 20'000'00);
  EXPECT_EQ(statement.commission, 800'00);
  EXPECT_EQ(statement.in_open_courses, 700'00);
  ASSERT_EQ(statement.sources.size(), 1U);
  EXPECT_EQ(statement.sources[0].settlement_id, "s1");
  EXPECT_EQ(statement.sources[0].rule, "C7");
  EXPECT_EQ(statement.sources[0].course_closed_on, "");
  EXPECT_EQ(statement.totals.at("C7"), 800'00);
  EXPECT_TRUE(statement.totals.contains("C8")) << "a rule of the plan by which nothing was earned";
  EXPECT_EQ(statement.hash, HashOf(statement));
  Statement other = statement;
  other.sources[0].credited_fen += 1;
  EXPECT_NE(HashOf(other), statement.hash);
}

TEST(Calculator, C1_a_source_that_counts_because_its_course_closed_says_so) {
  Credit closed = Of(D("2026-04-20"), 700'00, "s1");
  closed.course_no = "K1";
  closed.course_closed_on = D("2026-05-09");
  const Statement statement = StatementOf(For("2026-05", {closed}));
  ASSERT_EQ(statement.sources.size(), 1U);
  EXPECT_EQ(statement.sources[0].course_closed_on, "2026-05-09");
  EXPECT_EQ(statement.in_open_courses, 0);
}

TEST(Calculator, C13_a_correction_is_a_line_of_the_period_and_part_of_its_total) {
  const Inputs inputs = For("2026-05", {Of(D("2026-05-03"), 20'000'00, "s1")});
  const Statement statement = StatementOf(inputs, {Correction(M("2026-04"), 0, 50'00, {"s9"})});
  EXPECT_EQ(statement.commission, 750'00);
  EXPECT_EQ(statement.totals.at("C13"), -50'00);
  EXPECT_EQ(statement.lines.back().corrects, "2026-04");
}

TEST(Calculator, C13_only_the_period_behind_the_last_locked_one_corrects) {
  const Inputs inputs = For("2026-06", {Of(D("2026-04-03"), 20'000'00, "s1"), Of(D("2026-05-03"), 20'000'00, "s2")});
  const auto chain = ChainOf(inputs);
  const std::vector<Month> locked{M("2026-03"), M("2026-04"), M("2026-05")};
  const std::map<Month, Fen> paid{{M("2026-04"), 800'00}, {M("2026-05"), 700'00}, {M("2026-03"), 0}};
  const auto found = Differences(chain, locked, paid, M("2026-06"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].locked, M("2026-05"));
  EXPECT_EQ(found[0].should_be, 800'00);
  EXPECT_EQ(found[0].was, 700'00);
  EXPECT_TRUE(Differences(chain, locked, paid, M("2026-07")).empty());
  EXPECT_TRUE(Differences(chain, {}, {}, M("2026-06")).empty());
  // What was paid for a month in which there should be nothing at all is taken back.
  const auto gone = Differences({}, {M("2026-05")}, {{M("2026-05"), 1}}, M("2026-06"));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].should_be, 0);
}

// Whatever came before: from the carry of any month on, the rest of the chain is the same.
TEST(Calculator, C1_a_chain_that_begins_at_a_closing_is_the_rest_of_the_whole_one) {
  std::mt19937 random(14);  // NOLINT: the same every time
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int round = 0; round < 300; ++round) {
    std::vector<Credit> credits;
    for (int i = 0; i < 12; ++i) {
      const Day day = FirstDay(M("2026-01").Plus(pick(0, 5))).Plus(pick(0, 27));
      credits.push_back(Of(day, pick(-90'000, 60'000) * 100, std::to_string(i), pick(0, 2) == 0 ? "work_injury" : "other"));
      if (pick(0, 3) > 0) continue;
      credits.back().course_no = "K" + std::to_string(i);
      if (pick(0, 1) == 0) credits.back().course_closed_on = FirstDay(M("2026-01").Plus(pick(0, 5))).Plus(pick(0, 27));
    }
    const PlanOn plan_on = PlanBEveryDay;
    const auto whole = ComputeChain(credits, plan_on, M("2026-06"));
    const Month closed = M("2026-01").Plus(pick(0, 4));
    if (!whole.contains(closed)) continue;
    // As the store reads it: of closed months only what had not counted by then.
    std::vector<Credit> later;
    for (const Credit& credit : credits) {
      const auto counts_on = CountsOn(credit, plan_on(credit.settled_on));
      if (!counts_on || MonthOf(*counts_on) > closed) later.push_back(credit);
    }
    const auto rest = ComputeChain(later, plan_on, M("2026-06"), std::nullopt, ChainStart{closed, whole.at(closed).carry});
    ASSERT_EQ(rest.begin()->first, closed.Plus(1));
    for (const auto& [month, result] : rest) {
      EXPECT_EQ(result.total(), whole.at(month).total()) << FormatMonth(month);
      EXPECT_EQ(result.carry, whole.at(month).carry) << FormatMonth(month);
      EXPECT_EQ(result.performance, whole.at(month).performance) << FormatMonth(month);
    }
  }
}

}  // namespace
}  // namespace renxin::commissions::statements
