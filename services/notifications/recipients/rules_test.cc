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

}  // namespace
}  // namespace renxin::notifications::recipients
