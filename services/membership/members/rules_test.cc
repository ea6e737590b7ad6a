#include "services/membership/members/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "shared/testing/days.h"

namespace renxin::membership::members {
namespace {

using complaints::Outcome;

Zone Shanghai() { return Zone("Asia/Shanghai"); }

Settlement Sale(const std::string& id, const char* settled_at, Fen total = 100'00, const std::string& category = "dental",
                std::int64_t quantity = 1, const std::string& course_no = "") {
  Settlement s{.id = id, .source = "till", .sale = true, .course_no = course_no};
  s.settled_at = T(settled_at);
  s.settled_on = Shanghai().DayOf(*s.settled_at);
  s.total = total;
  s.lines.push_back({category, quantity});
  return s;
}

Settlement Refund(const std::string& id, const char* settled_at, Fen total) {
  Settlement s = Sale(id, settled_at, total);
  s.sale = false;
  return s;
}

Settlement InTreatment(Settlement s) {
  s.settled_at.reset();
  s.settled_on = {};
  return s;
}

constexpr const char* kDay1 = "2026-05-01T10:00:00+08:00";
constexpr const char* kDay1Later = "2026-05-01T18:00:00+08:00";
constexpr const char* kDay2 = "2026-05-02T10:00:00+08:00";

struct MemberCase {
  const char* name;
  std::vector<Settlement> settlements;
  const char* since;  // empty: nobody is a member
};

TEST(Members, M1_a_member_from_the_first_settled_sale_on) {
  const std::vector<MemberCase> cases{
      {"nothing", {}, ""},
      {"in treatment counts nowhere", {InTreatment(Sale("s1", kDay1))}, ""},
      {"a refund alone makes nobody a member", {Refund("r1", kDay1, -100)}, ""},
      {"one sale", {Sale("s1", kDay1)}, kDay1},
      {"one sale of nothing, a gift", {Sale("s1", kDay1, 0)}, kDay1},
      {"out of order: the earliest", {Sale("s2", kDay2), Sale("s1", kDay1)}, kDay1},
      {"a refund does not end it", {Sale("s1", kDay1), Refund("r1", kDay2, -100'00)}, kDay1},
      {"a refund before the sale does not begin it", {Refund("r1", kDay1, -100'00), Sale("s1", kDay2)}, kDay2},
      {"in treatment first, a sale later", {InTreatment(Sale("s1", kDay1)), Sale("s2", kDay2)}, kDay2},
  };
  for (const MemberCase& c : cases) {
    const Standing standing = Evaluate({c.settlements, {}, {}}, {});
    EXPECT_EQ(standing.since ? FormatTime(*standing.since) : "", *c.since == '\0' ? "" : FormatTime(T(c.since))) << c.name;
    EXPECT_EQ(standing.member_class == Class::kNone, *c.since == '\0') << c.name;
  }
}

TEST(Members, M1_counts_for_the_source_of_the_first_sale_and_ties_go_by_id) {
  Settlement a = Sale("a", kDay1);
  Settlement b = Sale("b", kDay1);
  b.source = "desk";
  EXPECT_EQ(Evaluate({{a, b}, {}, {}}, {}).source, "till");
  EXPECT_EQ(Evaluate({{b, a}, {}, {}}, {}).source, "till");
}

struct FactorACase {
  const char* name;
  std::vector<Settlement> settlements;
  bool met;
  const char* reason;
};

void ExpectFactorA(const std::vector<FactorACase>& cases) {
  for (const FactorACase& c : cases) {
    const Factor factor = FactorA(c.settlements, {});
    EXPECT_EQ(factor.met, c.met) << c.name;
    EXPECT_EQ(factor.reason, c.reason) << c.name;
  }
}

TEST(FactorA, M2_what_was_bought_how_often_and_on_which_days) {
  ExpectFactorA({
      {"nothing", {}, false, "sale settlements on 0 days, longest skin course of 0 sessions"},
      {"one sale", {Sale("s1", kDay1)}, false, "sale settlements on 1 day, longest skin course of 0 sessions"},
      {"two sales of one day",
       {Sale("s1", kDay1), Sale("s2", kDay1Later)},
       false,
       "sale settlements on 1 day, longest skin course of 0 sessions"},
      {"two sales of two days", {Sale("s1", kDay1), Sale("s2", kDay2)}, true, "sale settlements on 2 days"},
      {"G3: a second before midnight and midnight, hospital time",
       {Sale("s1", "2026-05-01T15:59:59Z"), Sale("s2", "2026-05-01T16:00:00Z")},
       true,
       "sale settlements on 2 days"},
      {"G3: two days in UTC are one of the hospital's",
       {Sale("s1", "2026-05-01T16:00:00Z"), Sale("s2", "2026-05-02T15:59:59Z")},
       false,
       "sale settlements on 1 day, longest skin course of 0 sessions"},
      {"the second still in treatment",
       {Sale("s1", kDay1), InTreatment(Sale("s2", kDay2))},
       false,
       "sale settlements on 1 day, longest skin course of 0 sessions"},
      {"the second a refund",
       {Sale("s1", kDay1), Refund("r1", kDay2, -1)},
       false,
       "sale settlements on 1 day, longest skin course of 0 sessions"},
      {"non-invasive alone",
       {Sale("s1", kDay1, 100, "aesthetic_noninvasive")},
       false,
       "sale settlements on 1 day, longest skin course of 0 sessions"},
      {"non-invasive and another sale of the day",
       {Sale("s1", kDay1, 100, "aesthetic_noninvasive"), Sale("s2", kDay1Later)},
       true,
       "a non-invasive item and 2 sale settlements"},
      {"a package and another sale of the day",
       {Sale("s1", kDay1, 100, "skin_package"), Sale("s2", kDay1Later)},
       true,
       "a skin package and 2 sale settlements"},
      {"a package alone", {Sale("s1", kDay1, 100, "skin_package")}, false, "sale settlements on 1 day, longest skin course of 0 sessions"},
  });
}

TEST(FactorA, M2_a_skin_course_of_6_sessions_by_course_number_or_by_settlement) {
  ExpectFactorA({
      {"a course of 5", {Sale("s1", kDay1, 100, "skin_course", 5)}, false, "sale settlements on 1 day, longest skin course of 5 sessions"},
      {"a course of 6", {Sale("s1", kDay1, 100, "skin_course", 6)}, true, "a skin course of 6 sessions"},
      {"a course of 6 in treatment",
       {InTreatment(Sale("s1", kDay1, 100, "skin_course", 6))},
       false,
       "sale settlements on 0 days, longest skin course of 0 sessions"},
      {"one course over two settlements of a day",
       {Sale("s1", kDay1, 100, "skin_course", 3, "c1"), Sale("s2", kDay1Later, 100, "skin_course", 3, "c1")},
       true,
       "a skin course of 6 sessions"},
      {"two courses are not one",
       {Sale("s1", kDay1, 100, "skin_course", 3, "c1"), Sale("s2", kDay1Later, 100, "skin_course", 3, "c2")},
       false,
       "sale settlements on 1 day, longest skin course of 3 sessions"},
      {"without a course number by settlement",
       {Sale("s1", kDay1, 100, "skin_course", 3), Sale("s2", kDay1Later, 100, "skin_course", 3)},
       false,
       "sale settlements on 1 day, longest skin course of 3 sessions"},
      {"a course numbered like a settlement is another",
       {Sale("c1", kDay1, 100, "skin_course", 3), Sale("s2", kDay1Later, 100, "skin_course", 3, "c1")},
       false,
       "sale settlements on 1 day, longest skin course of 3 sessions"},
      {"sessions of something else",
       {Sale("s1", kDay1, 100, "dental", 60)},
       false,
       "sale settlements on 1 day, longest skin course of 0 sessions"},
  });
}

TEST(FactorA, M2_whether_a_noninvasive_item_stands_alone_is_policy) {
  Policy policy;
  policy.noninvasive_stands_alone = true;
  EXPECT_TRUE(FactorA({Sale("s1", kDay1, 100, "aesthetic_noninvasive")}, policy).met);
  EXPECT_FALSE(FactorA({Sale("s1", kDay1, 100, "skin_package")}, policy).met) << "a package never does";
  EXPECT_FALSE(FactorA({InTreatment(Sale("s1", kDay1, 100, "aesthetic_noninvasive"))}, policy).met);
}

TEST(FactorA, M2_its_numbers_are_policy) {
  Policy policy;
  policy.settlements = 3;
  policy.course_sessions = 7;
  policy.sale_days = 3;
  EXPECT_FALSE(FactorA({Sale("s1", kDay1, 100, "skin_package"), Sale("s2", kDay1Later)}, policy).met);
  EXPECT_TRUE(FactorA({Sale("s1", kDay1, 100, "skin_package"), Sale("s2", kDay1), Sale("s3", kDay1Later)}, policy).met);
  EXPECT_FALSE(FactorA({Sale("s1", kDay1, 100, "skin_course", 6)}, policy).met);
  EXPECT_TRUE(FactorA({Sale("s1", kDay1, 100, "skin_course", 7)}, policy).met);
  EXPECT_FALSE(FactorA({Sale("s1", kDay1), Sale("s2", kDay2)}, policy).met);
  EXPECT_TRUE(FactorA({Sale("s1", kDay1), Sale("s2", kDay2), Sale("s3", "2028-02-29T10:00:00+08:00")}, policy).met);
}

struct FactorBCase {
  const char* name;
  std::vector<Settlement> settlements;
  bool met;
};

TEST(FactorB, M2_lifetime_net_spend_of_28000_yuan) {
  const std::vector<FactorBCase> cases{
      {"nothing", {}, false},
      {"a fen below", {Sale("s1", kDay1, 27'999'99)}, false},
      {"exactly", {Sale("s1", kDay1, 28'000'00)}, true},
      {"a fen above", {Sale("s1", kDay1, 28'000'01)}, true},
      {"in two parts", {Sale("s1", kDay1, 14'000'00), Sale("s2", kDay2, 14'000'00)}, true},
      {"less a refund of one fen", {Sale("s1", kDay1, 28'000'00), Refund("r1", kDay2, -1)}, false},
      {"the rest in treatment", {Sale("s1", kDay1, 27'999'99), InTreatment(Sale("s2", kDay2, 1))}, false},
      {"a refund in treatment", {Sale("s1", kDay1, 28'000'00), InTreatment(Refund("r1", kDay2, -1))}, true},
      {"net below zero", {Refund("r1", kDay2, -1)}, false},
  };
  for (const FactorBCase& c : cases) EXPECT_EQ(FactorB(c.settlements, {}).met, c.met) << c.name;
  EXPECT_EQ(FactorB({Sale("s1", kDay1, 27'999'99)}, {}).reason, "net spend 27999.99 of 28000.00");
}

struct FactorCCase {
  const char* name;
  Facts facts;
  bool met;
  const char* reason;
};

TEST(FactorC, M2_the_latest_satisfaction_counts) {
  const std::vector<FactorCCase> cases{
      {"no survey", {}, false, "no survey"},
      {"very dissatisfied", {{}, {{"1", Satisfaction::kVeryDissatisfied, T(kDay1)}}, {}}, false, "latest satisfaction 非常不满意"},
      {"dissatisfied", {{}, {{"1", Satisfaction::kDissatisfied, T(kDay1)}}, {}}, false, "latest satisfaction 不满意"},
      {"fair", {{}, {{"1", Satisfaction::kFair, T(kDay1)}}, {}}, true, "latest satisfaction 一般"},
      {"satisfied", {{}, {{"1", Satisfaction::kSatisfied, T(kDay1)}}, {}}, true, "latest satisfaction 满意"},
      {"very satisfied", {{}, {{"1", Satisfaction::kVerySatisfied, T(kDay1)}}, {}}, true, "latest satisfaction 非常满意"},
      {"out of order: the latest by its own time",
       {{}, {{"2", Satisfaction::kDissatisfied, T(kDay2)}, {"1", Satisfaction::kSatisfied, T(kDay1)}}, {}},
       false,
       "latest satisfaction 不满意"},
      {"at the same moment the later id",
       {{}, {{"2", Satisfaction::kFair, T(kDay1)}, {"1", Satisfaction::kDissatisfied, T(kDay1)}}, {}},
       true,
       "latest satisfaction 一般"},
      {"after a repair",
       {{}, {{"1", Satisfaction::kDissatisfied, T(kDay1)}}, {{"d", T(kDay1), T(kDay2), Outcome::kRepaired, Satisfaction::kFair}}},
       true,
       "latest satisfaction 一般"},
  };
  for (const FactorCCase& c : cases) {
    const Factor factor = FactorC(c.facts, {});
    EXPECT_EQ(factor.met, c.met) << c.name;
    EXPECT_EQ(factor.reason, c.reason) << c.name;
  }
  Policy policy;
  policy.lowest = Satisfaction::kSatisfied;
  EXPECT_FALSE(FactorC(cases[3].facts, policy).met) << "the lowest that counts is policy";
}

// The truth table of M3: 8 combinations of factors × open dispute × refund or compensation × repair.
enum class Settled { kNothing, kRefunded, kCompensated };
enum class Repair { kNone, kFair, kBad, kFairAndSettlementAfter };

Class Expected(int factors, bool dispute, Settled settled, Repair repair) {
  if (settled != Settled::kNothing) return Class::kJ;
  if (dispute) return Class::kC;
  if (repair == Repair::kFair) return Class::kB;
  return std::vector<Class>{Class::kB, Class::kA, Class::kAA, Class::kAAA}.at(static_cast<std::size_t>(factors));
}

Facts Build(bool a, bool b, bool c, bool dispute, Settled settled, Repair repair) {
  constexpr const char* kRepairOpened = "2026-05-03T10:00:00+08:00";
  constexpr const char* kRepaired = "2026-05-04T10:00:00+08:00";
  Facts facts;
  facts.settlements.push_back(Sale("s1", kDay1, b ? 28'000'00 : 100'00, "skin_course", a ? 6 : 1));
  // What the customer says in the end, after any repair.
  facts.answers.push_back({"9", c ? Satisfaction::kSatisfied : Satisfaction::kDissatisfied, T("2026-05-05T10:00:00+08:00")});
  if (dispute) facts.disputes.push_back({"d1", T(kDay2), std::nullopt, Outcome::kNone, Satisfaction::kNone});
  if (settled != Settled::kNothing) {
    facts.disputes.push_back(
        {"d2", T(kDay1), T(kDay2), settled == Settled::kRefunded ? Outcome::kRefunded : Outcome::kCompensated, Satisfaction::kNone});
  }
  if (repair != Repair::kNone) {
    facts.disputes.push_back({"d3", T(kRepairOpened), T(kRepaired), Outcome::kRepaired,
                              repair == Repair::kBad ? Satisfaction::kDissatisfied : Satisfaction::kFair});
  }
  // On the same day as the first and of nothing, so that it moves no factor.
  if (repair == Repair::kFairAndSettlementAfter) {
    facts.settlements.push_back(Sale("s2", "2026-05-06T10:00:00+08:00", 0, "other"));
    facts.settlements.back().settled_on = facts.settlements.front().settled_on;
  }
  return facts;
}

TEST(Classes, M3_truth_table_of_factors_dispute_refund_and_repair) {
  int rows = 0;
  for (int bits = 0; bits < 8; ++bits) {
    const bool a = (bits & 1) != 0;
    const bool b = (bits & 2) != 0;
    const bool c = (bits & 4) != 0;
    for (const bool dispute : {false, true}) {
      for (const Settled settled : {Settled::kNothing, Settled::kRefunded, Settled::kCompensated}) {
        for (const Repair repair : {Repair::kNone, Repair::kFair, Repair::kBad, Repair::kFairAndSettlementAfter}) {
          const Standing standing = Evaluate(Build(a, b, c, dispute, settled, repair), {});
          const auto row = ::testing::Message() << "A " << a << " B " << b << " C " << c << " dispute " << dispute << " settled "
                                                << static_cast<int>(settled) << " repair " << static_cast<int>(repair);
          EXPECT_EQ(standing.a.met, a) << row;
          EXPECT_EQ(standing.b.met, b) << row;
          EXPECT_EQ(standing.c.met, c) << row;
          EXPECT_EQ(standing.dispute_open, dispute) << row;
          EXPECT_EQ(Name(standing.member_class), Name(Expected(int{a} + int{b} + int{c}, dispute, settled, repair))) << row;
          ++rows;
        }
      }
    }
  }
  EXPECT_EQ(rows, 192);
}

struct HoldCase {
  const char* name;
  std::vector<Settlement> after;
  Satisfaction satisfaction;
  Class expected;
};

TEST(Classes, M3_repaired_stays_B_until_the_first_settlement_after_the_repair) {
  constexpr const char* kRepaired = "2026-05-04T10:00:00+08:00";
  const std::vector<HoldCase> cases{
      {"none since", {}, Satisfaction::kFair, Class::kB},
      {"at the very moment is not after", {Sale("s9", kRepaired)}, Satisfaction::kFair, Class::kB},
      {"a second after", {Sale("s9", "2026-05-04T10:00:01+08:00")}, Satisfaction::kFair, Class::kAAA},
      {"still in treatment", {InTreatment(Sale("s9", "2026-05-05T10:00:00+08:00"))}, Satisfaction::kFair, Class::kB},
      {"a refund is a settlement too", {Refund("r9", "2026-05-05T10:00:00+08:00", -1)}, Satisfaction::kFair, Class::kAAA},
      {"the repair ended badly", {}, Satisfaction::kDissatisfied, Class::kAA},
      {"one settled before, published late", {Sale("s0", kDay1)}, Satisfaction::kFair, Class::kB},
  };
  for (const HoldCase& c : cases) {
    Facts facts{{Sale("s1", kDay1, 30'000'00, "skin_course", 6)}, {}, {{"d", T(kDay2), T(kRepaired), Outcome::kRepaired, c.satisfaction}}};
    facts.settlements.insert(facts.settlements.end(), c.after.begin(), c.after.end());
    EXPECT_EQ(Name(Evaluate(facts, {}).member_class), Name(c.expected)) << c.name;
  }
}

TEST(Classes, M3_an_unfounded_dispute_leaves_no_trace_and_nobody_is_a_member_without_a_purchase) {
  const Dispute unfounded{"d", T(kDay1), T(kDay2), Outcome::kUnfounded, Satisfaction::kNone};
  EXPECT_EQ(Evaluate({{Sale("s1", kDay1)}, {}, {unfounded}}, {}).member_class, Class::kB);
  const Standing nobody = Evaluate({{}, {}, {{"d", T(kDay1), std::nullopt, Outcome::kNone, Satisfaction::kNone}}}, {});
  EXPECT_EQ(nobody.member_class, Class::kNone);
  EXPECT_TRUE(nobody.dispute_open);
  EXPECT_EQ(nobody.class_reason, "M1: no settled purchase");
}

TEST(Classes, M3_the_order_of_the_facts_changes_nothing) {
  Facts facts = Build(true, false, true, false, Settled::kNothing, Repair::kFairAndSettlementAfter);
  facts.settlements.push_back(Sale("s0", kDay2, 5'00, "skin_package"));
  facts.settlements.push_back(Refund("r0", kDay2, -3'00));
  facts.answers.push_back({"0", Satisfaction::kVerySatisfied, T(kDay1)});
  const Standing first = Evaluate(facts, {});
  const auto by_id = [](const Settlement& a, const Settlement& b) { return a.id < b.id; };
  std::sort(facts.settlements.begin(), facts.settlements.end(), by_id);
  do {
    std::reverse(facts.answers.begin(), facts.answers.end());
    std::reverse(facts.disputes.begin(), facts.disputes.end());
    const Standing again = Evaluate(facts, {});
    ASSERT_EQ(again.member_class, first.member_class);
    ASSERT_EQ(again.since, first.since);
    ASSERT_EQ(again.a.reason, first.a.reason);
    ASSERT_EQ(again.c.reason, first.c.reason);
    ASSERT_EQ(again.net_spend, first.net_spend);
  } while (std::next_permutation(facts.settlements.begin(), facts.settlements.end(), by_id));
}

}  // namespace
}  // namespace renxin::membership::members
