#include "services/commissions/plans/rules.h"

#include <gtest/gtest.h>

namespace renxin::commissions::plans {
namespace {

struct PayCase {
  const char* base;
  const char* pays;
};

void ExpectPays(const Table& table, const std::vector<PayCase>& cases) {
  for (const PayCase& c : cases) EXPECT_EQ(FormatYuan(Apply(table, *ParseYuan(c.base)).amount), c.pays) << table.rule << " on " << c.base;
}

TEST(Plans, C3_plan_a_pays_each_part_at_its_own_rate) {
  ExpectPays(DefaultPlanA().table, {{"100000", "5700.00"},
                                    {"50000", "2500.00"},
                                    {"50000.01", "2500.00"},
                                    {"49999.99", "2500.00"},
                                    {"50000.09", "2500.01"},
                                    {"80000", "4300.00"},
                                    {"80000.01", "4300.00"},
                                    {"0", "0.00"},
                                    {"0.01", "0.00"},
                                    {"0.10", "0.01"},
                                    {"-0.01", "0.00"},
                                    {"-5000", "0.00"}});
}

TEST(Plans, C7_plan_b_pays_the_whole_at_the_rate_of_its_bracket) {
  ExpectPays(DefaultPlanB().table, {{"19999.99", "600.00"},
                                    {"20000", "800.00"},
                                    {"20000.01", "800.00"},
                                    {"25000", "1000.00"},
                                    {"29999.99", "1200.00"},
                                    {"30000", "1500.00"},
                                    {"50000", "3000.00"},
                                    {"70000", "4900.00"},
                                    {"100000", "8000.00"},
                                    {"150000", "13500.00"},
                                    {"199999.99", "18000.00"},
                                    {"200000", "20000.00"},
                                    {"0", "0.00"},
                                    {"-0.01", "0.00"}});
}

TEST(Plans, C6_directors_table_as_a_worked_example_of_marginal) {
  const Table table{
      "C6", Mode::kMarginal, {{0, 100}, {100'000'00, 200}, {200'000'00, 300}, {300'000'00, 400}, {400'000'00, 500}, {500'000'00, 800}}};
  ExpectPays(table, {{"250000", "4500.00"}, {"600000", "23000.00"}});
}

TEST(Plans, C12_the_parts_add_up_to_the_base) {
  for (const Fen base : {Fen{1}, Fen{4'999'999}, Fen{5'000'000}, Fen{5'000'001}, Fen{8'000'000}, Fen{123'456'789}}) {
    Fen sum = 0;
    for (const Part& part : Apply(DefaultPlanA().table, base).parts) sum += part.amount;
    EXPECT_EQ(sum, base);
  }
}

TEST(Plans, C2_a_table_starts_at_zero_rises_and_states_its_mode) {
  Plan plan = DefaultPlanA();
  EXPECT_TRUE(Check(plan));
  plan.table.mode = Mode::kUnspecified;
  EXPECT_EQ(Check(plan).error().fields.front().field, "document.table.mode");
  plan = DefaultPlanA();
  plan.table.brackets.front().from = 1;
  EXPECT_EQ(Check(plan).error().fields.front().field, "document.table.brackets[0].from_fen");
  plan = DefaultPlanA();
  plan.table.brackets[2].from = plan.table.brackets[1].from;
  EXPECT_EQ(Check(plan).error().fields.front().field, "document.table.brackets[2].from_fen");
  plan = DefaultPlanB();
  plan.items.push_back({"C8", "checkup", 100});
  EXPECT_EQ(Check(plan).error().fields.front().field, "document.item_rates[3].category");
}

TEST(Plans, C2_G7_a_version_takes_effect_behind_every_locked_period_and_at_most_a_year_ahead) {
  const std::vector<Month> locked{*ParseMonth("2026-03"), *ParseMonth("2026-04")};
  const Day today = *ParseDay("2026-06-10");
  struct Case {
    const char* from;
    std::vector<Month> locked;
    Reason refused;
    const char* message;
  };
  for (const Case& c : std::vector<Case>{
           {"2026-05-01", locked, Reason::kUnspecified, ""},
           {"2026-04-30", locked, Reason::kPeriodLocked, "2026-05 is the first open period"},
           {"2025-01-01", locked, Reason::kPeriodLocked, "2026-05 is the first open period"},
           {"2025-01-01", {}, Reason::kUnspecified, ""},
           {"2027-06-10", locked, Reason::kUnspecified, ""},
           {"2027-06-11", locked, Reason::kInvalidField, "lies more than a year ahead"},
       }) {
    const Status status = MayTakeEffect(*ParseDay(c.from), today, c.locked);
    EXPECT_EQ(status ? Reason::kUnspecified : status.error().reason, c.refused) << c.from;
    if (status) continue;
    EXPECT_EQ(status.error().fields.front().message, c.message) << c.from;
  }
}

TEST(Plans, C2_samples_show_both_sides_of_every_limit) {
  const std::vector<Fen> samples = Samples(DefaultPlanA().table);
  EXPECT_EQ(samples, (std::vector<Fen>{4'999'999, 5'000'000, 5'000'001, 7'999'999, 8'000'000, 8'000'001, 16'000'000}));
}

}  // namespace
}  // namespace renxin::commissions::plans
