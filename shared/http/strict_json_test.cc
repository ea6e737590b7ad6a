#include "shared/http/strict_json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <string>

namespace renxin::http {
namespace {

TEST(StrictJson, Taken) {
  for (const std::string text : {"{}", R"( {"a": [1, -2, 0.5, 1e3, true, null, "x\u00e9\ud83d\ude00"], "b": {"a": {}}} )",
                                 R"({"n": 9223372036854775807})", R"({"n": -9223372036854775808})", R"({"n": "99999999999999999999"})"}) {
    EXPECT_FALSE(CheckJson(text)) << text;
  }
}

TEST(StrictJson, Refused) {
  const std::string cases[] = {"",
                               " ",
                               "[]",
                               "1",
                               "\"x\"",
                               "null",
                               "{",
                               "{}x",
                               "{} {}",
                               R"({"a":1,})",
                               R"({"a":[1,]})",
                               R"({a:1})",
                               R"({'a':1})",
                               R"({"a":'x'})",
                               R"({"a":undefined})",
                               R"({"a":NaN})",
                               R"({"a":+1})",
                               R"({"a":01})",
                               R"({"a":.5})",
                               R"({"a":1.})",
                               R"({"a":0x10})",
                               R"({"a":1,"a":1})",
                               R"({"b":{"a":1,"a":2}})",
                               R"({"leadId":1,"lead_id":1})",
                               R"({"\u0061":1,"a":2})",
                               "{\"a\":\"\n\"}",
                               "{\"a\":\"\xff\"}",
                               R"({"a":"\ud800"})",
                               R"({"a":"\udc00x"})",
                               R"({"a":"\u0000"})",
                               R"({"\u0000":1})",
                               R"({"a":1e400})",
                               R"({"a":-1e400})",
                               R"({"a":9223372036854775808})",
                               R"({"a":-9223372036854775809})",
                               R"({"a":99999999999999999999999})",
                               R"({"a":9007199254740993.0})",
                               "/**/{}",
                               "{\"a\":1}//",
                               "\xef\xbb\xbf{}",
                               "{\"a\":\"\xc0\x80\"}",
                               std::string("{\"a\":\"\0\"}", 9)};
  for (const auto& text : cases) {
    const auto error = CheckJson(text);
    ASSERT_TRUE(error) << text;
    EXPECT_EQ(error->reason, Reason::kMalformedJson);
    EXPECT_EQ(error->code, Code::kInvalidArgument);
  }
}

TEST(StrictJson, DepthIsLimited) {
  const auto nested = [](int depth) {
    return "{\"a\":" + std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']') + "}";
  };
  EXPECT_FALSE(CheckJson(nested(31)));
  const auto error = CheckJson(nested(32));
  ASSERT_TRUE(error);
  EXPECT_NE(error->message.find("nested too deeply"), std::string::npos);
}

TEST(StrictJson, FortyKilobytesOfArraysCostNothing) {
  const std::string text = "{\"a\":" + std::string(20'000, '[') + std::string(20'000, ']') + "}";
  const std::clock_t start = std::clock();
  EXPECT_TRUE(CheckJson(text));
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 0.01);
}

TEST(StrictJson, TheMessageNeverRepeatsTheInput) {
  const auto error = CheckJson(R"({"phone":"13800138000","phone":"13800138001"})");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message.find("138"), std::string::npos);
  EXPECT_EQ(error->message.find("phone"), std::string::npos);
}

}  // namespace
}  // namespace renxin::http
