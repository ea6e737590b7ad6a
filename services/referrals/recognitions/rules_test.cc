#include "services/referrals/recognitions/rules.h"

#include <gtest/gtest.h>

#include "shared/testing/days.h"

namespace renxin::referrals::recognitions {
namespace {

struct ShareCase {
  const char* name;
  std::vector<Share> others;
  Share added;
  const char* overfull;  // empty: fits
};

TEST(Shares, IMPORT_open_shares_add_up_to_the_whole_at_most) {
  const Day jan = D("2010-01-01");
  const std::vector<ShareCase> cases{
      {"the whole alone", {}, {"a", jan, std::nullopt, 10'000}, ""},
      {"two halves", {{"a", jan, std::nullopt, 5'000}}, {"b", jan, std::nullopt, 5'000}, ""},
      {"one basis point too much", {{"a", jan, std::nullopt, 5'000}}, {"b", jan, std::nullopt, 5'001}, "2010-01-01"},
      {"one after the other", {{"a", jan, D("2010-06-30"), 10'000}}, {"b", D("2010-07-01"), std::nullopt, 10'000}, ""},
      {"one day too early", {{"a", jan, D("2010-06-30"), 10'000}}, {"b", D("2010-06-30"), std::nullopt, 10'000}, "2010-06-30"},
      {"meets a later one", {{"a", D("2010-05-01"), std::nullopt, 6'000}}, {"b", jan, std::nullopt, 5'000}, "2010-05-01"},
      {"ends before the later one", {{"a", D("2010-05-01"), std::nullopt, 6'000}}, {"b", jan, D("2010-04-30"), 5'000}, ""},
      {"its own earlier version does not count", {{"a", jan, std::nullopt, 10'000}}, {"a", jan, std::nullopt, 9'000}, ""},
  };
  for (const ShareCase& c : cases) {
    const auto day = FirstOverfull(c.others, c.added);
    EXPECT_EQ(day ? FormatDay(*day) : "", c.overfull) << c.name;
  }
}

TEST(Attributions, G7_hold_from_and_until_a_year_ahead_at_most) {
  const Day today = MakeDay(2026, 5, 10);
  const auto field = [&](Day from, std::optional<Day> until) {
    const auto checked = CheckDays(from, until, today);
    return checked ? std::string() : checked.error().fields.front().field;
  };
  EXPECT_EQ(field(today, std::nullopt), "");
  EXPECT_EQ(field(MakeDay(2027, 5, 11), MakeDay(2027, 5, 11)), "");
  EXPECT_EQ(field(MakeDay(2027, 5, 12), std::nullopt), "from");
  EXPECT_EQ(field(today, MakeDay(2062, 1, 1)), "until");
  EXPECT_EQ(field(today, today.Plus(-1)), "until");
}

}  // namespace
}  // namespace renxin::referrals::recognitions
