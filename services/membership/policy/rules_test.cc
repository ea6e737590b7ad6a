#include "services/membership/policy/rules.h"

#include <gtest/gtest.h>

namespace renxin::membership::policy {
namespace {

TEST(Policy, a_version_begins_tomorrow_at_the_earliest) {
  const Day today = *ParseDay("2028-02-28");
  EXPECT_TRUE(CheckBegin(*ParseDay("2028-02-29"), today));
  EXPECT_EQ(CheckBegin(today, today).error().fields.front().message, "must be after today, 2028-02-28");
  EXPECT_FALSE(CheckBegin(*ParseDay("2028-02-27"), today));
}

TEST(Policy, codes_are_codes_and_stand_once) {
  EXPECT_TRUE(CheckCodes("f", {"goods", "spa-2.b_x"}));
  EXPECT_EQ(CheckCodes("f", {"goods", ""}).error().fields.front().field, "f[1]");
  EXPECT_EQ(CheckCodes("f", {"Goods"}).error().fields.front().rule, "format");
  EXPECT_EQ(CheckCodes("f", {"goods", "x", "goods"}).error().fields.front().message, "stands twice: goods");
  EXPECT_TRUE(CheckCodes("f", {std::string(60, 'a')}));
  EXPECT_FALSE(CheckCodes("f", {std::string(61, 'a')}));
}

}  // namespace
}  // namespace renxin::membership::policy
