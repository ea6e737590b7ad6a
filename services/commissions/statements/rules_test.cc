#include "services/commissions/statements/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "shared/testing/days.h"

namespace renxin::commissions::statements {
namespace {

const plans::Plan& A() {
  static const plans::Plan plan = plans::DefaultPlanA();
  return plan;
}
const plans::Plan& B() {
  static const plans::Plan plan = plans::DefaultPlanB();
  return plan;
}

Credit Of(const char* day, const char* yuan, const char* category = "other") {
  static int next = 0;
  const std::string id = "s" + std::to_string(++next);
  return {.settlement_id = id,
          .settlement_no = id,
          .line_no = "1",
          .category = category,
          .version = 1,
          .settled_on = D(day),
          .line_fen = *ParseYuan(yuan),
          .share_bp = 10'000,
          .credited_fen = *ParseYuan(yuan)};
}

PlanOn Always(const plans::Plan& plan) {
  return [&plan](Day) { return &plan; };
}

TEST(Statements, C1_refunds_come_off_the_month_they_settle_in) {
  const MonthResult month = ComputeMonth({Of("2026-05-03", "30000"), Of("2026-05-20", "-5000")}, Always(B()), M("2026-05"), {});
  EXPECT_EQ(month.performance, 25'000'00);
  EXPECT_EQ(month.total(), 1'000'00) << "the worked example: slab(25,000)";
}

TEST(Statements, C1_a_total_below_zero_pays_nothing_and_is_carried_on) {
  const auto chain =
      ComputeChain({Of("2026-04-30", "-300.00"), Of("2026-05-01", "1000"), Of("2026-06-01", "100")}, Always(A()), M("2026-06"));
  EXPECT_EQ(chain.at(M("2026-04")).total(), 0);
  EXPECT_EQ(chain.at(M("2026-04")).lines.front().carried_out, -300'00);
  EXPECT_EQ(chain.at(M("2026-05")).lines.front().carried_in, -300'00);
  EXPECT_EQ(chain.at(M("2026-05")).performance, 1'000'00) << "performance is the month's own";
  EXPECT_EQ(chain.at(M("2026-05")).total(), 35'00);
  EXPECT_EQ(chain.at(M("2026-06")).total(), 5'00);
}

Credit InCourse(Credit credit, std::optional<Day> closed) {
  credit.course_no = "K1";
  credit.course_closed_on = closed;
  return credit;
}

TEST(Statements, C1_under_plan_b_a_course_counts_when_it_closes) {
  const Credit settled = Of("2026-04-30", "1000");
  struct Case {
    const char* name;
    const plans::Plan* plan;
    Credit credit;
    std::optional<Day> counts_on;
  };
  for (const Case& c : std::vector<Case>{
           {"B, no course", &B(), settled, D("2026-04-30")},
           {"B, under way", &B(), InCourse(settled, {}), {}},
           {"B, closed the same day", &B(), InCourse(settled, D("2026-04-30")), D("2026-04-30")},
           {"B, closed the day after, in the next month", &B(), InCourse(settled, D("2026-05-01")), D("2026-05-01")},
           {"B, settled after the close", &B(), InCourse(settled, D("2026-03-31")), D("2026-04-30")},
           {"A, under way", &A(), InCourse(settled, {}), D("2026-04-30")},
           {"no plan, under way", nullptr, InCourse(settled, {}), D("2026-04-30")},
       }) {
    EXPECT_EQ(CountsOn(c.credit, c.plan), c.counts_on) << c.name;
  }
}

TEST(Statements, C1_C13_what_waits_for_its_course_is_in_no_month_before_the_close) {
  const std::vector<Credit> open{InCourse(Of("2026-04-10", "20000"), {}), Of("2026-04-11", "10000")};
  EXPECT_EQ(ComputeChain(open, Always(B()), M("2026-04")).at(M("2026-04")).performance, 10'000'00);
  const std::vector<Credit> closed{InCourse(Of("2026-04-10", "20000"), D("2026-06-30")), Of("2026-04-11", "10000")};
  const auto chain = ComputeChain(closed, Always(B()), M("2026-06"));
  EXPECT_EQ(chain.at(M("2026-04")).performance, 10'000'00);
  EXPECT_EQ(chain.at(M("2026-05")).performance, 0);
  EXPECT_EQ(chain.at(M("2026-06")).total(), 800'00) << "slab(20,000)";
}

TEST(Statements, C19_a_course_that_closes_after_a_change_of_plan_counts_under_the_plan_it_settled_under) {
  const PlanOn plan_on = [](Day day) { return day < D("2026-05-01") ? &B() : &A(); };
  const auto chain = ComputeChain({InCourse(Of("2026-04-10", "20000"), D("2026-05-20")), Of("2026-05-02", "1000")}, plan_on, M("2026-05"));
  const MonthResult& may = chain.at(M("2026-05"));
  EXPECT_EQ(may.total(), 800'00 + 50'00);
  EXPECT_EQ(may.performance, 21'000'00);
}

TEST(Statements, C8_a_category_with_its_own_rate_is_left_out_of_the_table) {
  const MonthResult month = ComputeMonth({Of("2026-05-03", "20000"), Of("2026-05-04", "1000", "checkup"),
                                          Of("2026-05-04", "500", "work_injury"), Of("2026-05-05", "9000", "obstetrics_natural")},
                                         Always(B()), M("2026-05"), {});
  EXPECT_EQ(month.performance, 30'500'00) << "C9: C8 categories are performance too";
  ASSERT_EQ(month.lines.size(), 3U);
  EXPECT_EQ(month.lines[0].rule, "C7");
  EXPECT_EQ(month.lines[0].paid.amount, 800'00);
  EXPECT_EQ(month.lines[1].category, "work_injury");
  EXPECT_EQ(month.lines[1].paid.amount, 40'00);
  EXPECT_EQ(month.lines[2].category, "checkup");
  EXPECT_EQ(month.lines[2].paid.amount, 300'00);
}

TEST(Statements, C8_a_category_below_zero_is_carried_by_itself) {
  const auto chain = ComputeChain({Of("2026-04-03", "-100", "checkup"), Of("2026-04-03", "1000"), Of("2026-05-03", "300", "checkup")},
                                  Always(B()), M("2026-05"));
  EXPECT_EQ(chain.at(M("2026-04")).total(), 30'00);
  EXPECT_EQ(chain.at(M("2026-05")).total(), 60'00);
}

TEST(Statements, C2_a_plan_counts_from_its_day_on) {
  const PlanOn from_march = [](Day day) { return day >= D("2011-03-16") ? &B() : &A(); };
  const MonthResult month = ComputeMonth({Of("2011-03-15", "1000"), Of("2011-03-16", "1000")}, from_march, M("2011-03"), {});
  ASSERT_EQ(month.lines.size(), 2U);
  EXPECT_EQ(month.lines[0].plan, "plan-a");
  EXPECT_EQ(month.lines[0].paid.amount, 50'00);
  EXPECT_EQ(month.lines[1].plan, "plan-b");
  EXPECT_EQ(month.lines[1].paid.amount, 30'00);
}

TEST(Statements, C12_the_order_of_facts_never_changes_the_result) {
  std::vector<Credit> credits;
  std::mt19937_64 random(7);
  for (int i = 0; i < 200; ++i) {
    const std::string day = "2026-0" + std::to_string(1 + random() % 6) + "-1" + std::to_string(random() % 10);
    credits.push_back(
        Of(day.c_str(), FormatYuan(static_cast<Fen>(random() % 2'000'000) - 700'000).c_str(), random() % 3 == 0 ? "checkup" : "other"));
  }
  const auto first = ComputeChain(credits, Always(B()), M("2026-06"));
  for (int round = 0; round < 20; ++round) {
    std::shuffle(credits.begin(), credits.end(), random);
    const auto again = ComputeChain(credits, Always(B()), M("2026-06"));
    for (const auto& [month, result] : first) {
      ASSERT_EQ(result.total(), again.at(month).total());
      for (std::size_t i = 0; i < result.lines.size(); ++i) ASSERT_EQ(result.lines[i].explanation, again.at(month).lines[i].explanation);
    }
  }
}

TEST(Statements, C12_a_line_can_be_checked_by_hand) {
  const MonthResult month = ComputeMonth({Of("2026-05-03", "100000")}, Always(A()), M("2026-05"), {});
  EXPECT_EQ(
      month.lines.front().explanation,
      "C3 marginal: base 100000.00; 50000.00 × 5 % + 30000.00 × 6 % + 20000.00 × 7 % = 5700.00, rounded once half away from zero (G2)");
}

TEST(Statements, G2_shares_are_split_per_line_the_first_listed_first) {
  const std::vector<Share> shares = SharesFor({{.id = "b", .rep_id = "R2", .share_bp = 5000, .rank = 3, .from = D("2010-01-01")},
                                               {.id = "a", .rep_id = "R1", .share_bp = 5000, .rank = 2, .from = D("2010-01-01")}},
                                              D("2011-01-01"), "");
  ASSERT_EQ(shares.size(), 2U);
  int share_bp = 0;
  EXPECT_EQ(CreditOf(-1, shares, "R1", &share_bp), -1);
  EXPECT_EQ(CreditOf(-1, shares, "R2", &share_bp), 0);
  EXPECT_EQ(share_bp, 5000);
  EXPECT_EQ(CreditOf(101, shares, "R1", &share_bp), 51);
  EXPECT_EQ(CreditOf(101, shares, "R3", &share_bp), 0);
}

TEST(Statements, a_share_holds_from_its_first_to_its_last_day) {
  const std::vector<Share> all{{.id = "a", .rep_id = "R1", .share_bp = 10'000, .from = D("2011-01-02"), .until = D("2011-01-31")}};
  EXPECT_TRUE(SharesFor(all, D("2011-01-01"), "").empty());
  EXPECT_EQ(SharesFor(all, D("2011-01-02"), "").size(), 1U);
  EXPECT_EQ(SharesFor(all, D("2011-01-31"), "").size(), 1U);
  EXPECT_TRUE(SharesFor(all, D("2011-02-01"), "").empty());
}

TEST(Statements, a_desk_claim_credits_its_own_visit_and_only_what_is_left) {
  const std::vector<Share> all{{.id = "d", .rep_id = "R9", .share_bp = 10'000, .from = D("2011-01-02"), .visit_id = "v1"},
                               {.id = "a", .rep_id = "R1", .share_bp = 4'000, .from = D("2010-01-01")}};
  EXPECT_EQ(SharesFor(all, D("2011-01-05"), "").size(), 1U);
  EXPECT_EQ(SharesFor(all, D("2011-01-05"), "v2").size(), 1U);
  const std::vector<Share> of_visit = SharesFor(all, D("2011-01-05"), "v1");
  ASSERT_EQ(of_visit.size(), 2U);
  EXPECT_EQ(of_visit[0].rep_id, "R1");
  EXPECT_EQ(of_visit[1].share_bp, 6'000);
}

TEST(Statements, the_part_that_nobody_brought_is_the_hospitals) {
  int share_bp = 0;
  const std::vector<Share> shares{{.id = "a", .rep_id = "R1", .share_bp = 2'500, .from = D("2010-01-01")}};
  EXPECT_EQ(CreditOf(1'000, shares, "R1", &share_bp), 250);
}

TEST(Statements, C13_a_correction_is_the_difference_with_its_reason) {
  const Line line = Correction(M("2026-01"), 950'00, 800'00, {"S-17"});
  EXPECT_EQ(line.paid.amount, 150'00);
  EXPECT_EQ(line.explanation, "C13: 2026-01 was locked at 800.00 and should have been 950.00; changed since: S-17");
}

TEST(Statements, C13_nothing_is_carried_into_the_first_period_and_a_later_refund_counts) {
  const std::vector<Credit> credits{Of("2026-03-10", "-300"), Of("2026-04-10", "1000"), Of("2026-05-10", "-2000")};
  const auto open = ComputeChain(credits, Always(A()), M("2026-05"));
  EXPECT_EQ(open.at(M("2026-04")).lines.front().carried_in, -300'00) << "until it is set, as if there were none";
  const auto chain = ComputeChain(credits, Always(A()), M("2026-05"), M("2026-04"));
  EXPECT_EQ(chain.at(M("2026-03")).performance, -300'00) << "history can be read";
  EXPECT_EQ(chain.at(M("2026-04")).lines.front().carried_in, 0);
  EXPECT_EQ(chain.at(M("2026-04")).total(), 50'00);
  EXPECT_EQ(chain.at(M("2026-05")).carry.at("table"), -2'000'00) << "a refund counts in its own month";
}

TEST(Statements, C13_a_move_into_a_locked_period_is_named_from_what_to_what) {
  const EmploymentPeriod joined{"2025-01-01", "", "g1", "", "plan-a"};
  const EmploymentPeriod june{"2026-06-01", "", "g2", "", "plan-a"};
  const EmploymentPeriod moved{"2026-03-15", "", "g1", "", "plan-b"};
  const EmploymentPeriod june_moved{"2026-06-01", "", "g2", "", "plan-b"};
  struct Case {
    const char* name;
    std::vector<EmploymentPeriod> then;
    std::vector<EmploymentPeriod> now;
    const char* locked;
    std::vector<std::string> moves;
  };
  const std::string plan = "move of staff S from 2026-03-15 on (plan plan-a → plan-b)";
  for (const Case& c : std::vector<Case>{
           {"nothing", {joined, june}, {joined, june}, "2026-03", {}},
           {"inside the month", {joined}, {joined, moved}, "2026-03", {plan}},
           {"before the month", {joined}, {joined, moved}, "2026-04", {plan}},
           {"after the month", {joined}, {joined, moved}, "2026-02", {}},
           {"on the last day",
            {joined},
            {joined, {"2026-03-31", "", "g1", "", "plan-b"}},
            "2026-03",
            {"move of staff S from 2026-03-31 on (plan plan-a → plan-b)"}},
           {"known moves behind it have its plan too", {joined, june}, {joined, moved, june_moved}, "2026-06", {plan}},
           {"taken back", {joined, moved}, {joined}, "2026-04", {"move of staff S from 2026-03-15 on (plan plan-b → plan-a)"}},
           {"several things",
            {joined},
            {joined, {"2026-03-01", "d", "", "b", "plan-b"}},
            "2026-03",
            {"move of staff S from 2026-03-01 on (department none → d, group g1 → none, supervisor none → b, plan plan-a → plan-b)"}},
       }) {
    EXPECT_EQ(MovesSince("S", c.then, c.now, M(c.locked)), c.moves) << c.name;
  }
}

TEST(Statements, C13_a_settlement_is_named_when_it_is_new_gone_changed_or_otherwise_shared) {
  const std::map<std::string, CreditedSettlement> then{
      {"1", {"same", 1, 100}}, {"2", {"changed", 1, 100}}, {"3", {"gone", 1, 100}}, {"4", {"shared", 1, 100'00}}};
  const std::map<std::string, CreditedSettlement> now{{"1", {"same", 1, 100, {1}}},
                                                      {"2", {"changed", 2, 100, {9}}},
                                                      {"4", {"shared", 1, 50'00, {1}}},
                                                      {"5", {"new", 1, 100, {6}}},
                                                      {"6", {"known", 1, 100, {5}}}};
  EXPECT_EQ(SettlementsSince(then, now, {5}),
            (std::vector<std::string>{"changed", "gone", "known (recognised late)", "new", "shared (recognition: 100.00 → 50.00)"}));
}

}  // namespace
}  // namespace renxin::commissions::statements
