#include "services/leads/customers/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace renxin::leads::customers {
namespace {

Decision Given(std::int64_t at, const char* purpose = "marketing") { return {purpose, true, {at}}; }
Decision Withdrawn(std::int64_t at, const char* purpose = "marketing") { return {purpose, false, {at}}; }

struct Case {
  const char* what;
  std::vector<Decision> decisions;
  bool consents;
};

TEST(Consents, P2_the_latest_by_its_own_time_decides_in_any_order) {
  const Case cases[] = {
      {"nothing was ever said", {}, false},
      {"given", {Given(10)}, true},
      {"given, then withdrawn", {Given(10), Withdrawn(20)}, false},
      {"withdrawn, then given again", {Withdrawn(10), Given(20)}, true},
      {"at the same time: the withdrawal", {Given(10), Withdrawn(10)}, false},
      {"one microsecond later", {Withdrawn(10), Given(11)}, true},
      {"of an unknown time, alone", {Given(0)}, true},
      {"of an unknown time, against one that is known", {Given(0), Withdrawn(1)}, false},
      {"both of an unknown time", {Given(0), Withdrawn(0)}, false},
      {"an older row that comes after a newer decision", {Withdrawn(20), Given(10)}, false},
      {"for another purpose", {Given(10, "service")}, false},
      {"withdrawn for another purpose", {Given(10), Withdrawn(20, "service")}, true},
      {"twice the same", {Given(10), Given(10)}, true},
  };
  for (const Case& one : cases) {
    std::vector<Decision> decisions = one.decisions;
    const auto earlier = [](const Decision& a, const Decision& b) { return std::tie(a.at, a.given) < std::tie(b.at, b.given); };
    std::sort(decisions.begin(), decisions.end(), earlier);
    do {
      const Decision* deciding = Deciding(decisions, "marketing");
      EXPECT_EQ(deciding != nullptr && deciding->given, one.consents) << one.what;
    } while (std::next_permutation(decisions.begin(), decisions.end(), earlier));
  }
}

TEST(Consents, P2_a_decision_is_not_made_in_the_future) {
  EXPECT_TRUE(CheckDecision({0}, {0}));
  EXPECT_TRUE(CheckDecision({60'000'000}, {0}));
  EXPECT_EQ(CheckDecision({60'000'001}, {0}).error().fields.front().field, "at");
}

}  // namespace
}  // namespace renxin::leads::customers
