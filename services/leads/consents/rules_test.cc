#include "services/leads/consents/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace renxin::leads::consents {
namespace {

Decision Given(std::int64_t at, const char* purpose = "marketing") { return {.purpose = purpose, .given = true, .at = {at}}; }
Decision Withdrawn(std::int64_t at, const char* purpose = "marketing") { return {.purpose = purpose, .given = false, .at = {at}}; }

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
  const Instant now = *ParseTime("2026-05-10T10:00:00+08:00");
  EXPECT_EQ(*CheckConsent({}, now, " paper\u3000", now, EntryPath::kRoute), "paper");
  EXPECT_TRUE(CheckConsent({}, now.Plus(std::chrono::minutes(1)), "", now, EntryPath::kRoute));
  const auto ahead = CheckConsent({.at = "consent_at"}, *ParseTime("2062-01-05T10:00:00+08:00"), "", now, EntryPath::kFile);
  EXPECT_EQ(ahead.error().fields.front().field, "consent_at");
  EXPECT_EQ(CheckConsent({}, std::nullopt, std::string(61, 'x'), now, EntryPath::kFile).error().fields.front().field, "source");
}

TEST(Consents, P2_a_consent_from_the_future_that_stands_never_outweighs_what_was_said_after_it) {
  const std::vector<Decision> decisions{{"marketing", true, {2'000}, {100}}, {"marketing", false, {200}, {200}}};
  EXPECT_EQ(Deciding(decisions, "marketing"), &decisions[1]);
  const std::vector<Decision> older{{"marketing", true, {2'000}, {100}}, {"marketing", false, {50}, {200}}};
  EXPECT_EQ(Deciding(older, "marketing"), &older[0]);
}

}  // namespace
}  // namespace renxin::leads::consents
