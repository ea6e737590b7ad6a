#include "services/notifications/recipients/rules.h"

#include <gtest/gtest.h>

namespace renxin::notifications::recipients {
namespace {

TEST(OptOut, N3_replies_that_mean_no_more) {
  for (const char* reply :
       {"R", "r", "T", "t", "TD", "td", "Td", "退订", " R ", "\tTD\r\n", "Ｒ", "ｒ", "Ｔ", "ＴＤ", "ｔｄ", "　R　", "　退订 "}) {
    EXPECT_TRUE(IsOptOutReply(reply)) << reply;
  }
}

TEST(OptOut, N3_replies_that_do_not) {
  for (const char* reply : {"", " ", "　", "RR", "R.", "TDR", "D", "谢谢", "不退订", "退 订", "退订吧", "\xEF\xBC", "\xE3\x80", "0"}) {
    EXPECT_FALSE(IsOptOutReply(reply)) << reply;
  }
}

TEST(Stops, N3_only_a_later_express_consent_lifts_one) {
  const Stop stop{Scope::kPhone, {100}};
  EXPECT_TRUE(InForce(stop, std::nullopt));
  EXPECT_TRUE(InForce(stop, Instant{99}));
  EXPECT_TRUE(InForce(stop, Instant{100}));
  EXPECT_FALSE(InForce(stop, Instant{101}));
  EXPECT_FALSE(IsStopped({}, std::nullopt));
  EXPECT_TRUE(IsStopped({stop, {Scope::kPerson, {200}}}, Instant{150})) << "the later stop stands";
  EXPECT_FALSE(IsStopped({stop, {Scope::kPerson, {200}}}, Instant{201}));
}

}  // namespace
}  // namespace renxin::notifications::recipients
