#include "services/gateway/console/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "services/gateway/pages/encoding.h"
#include "services/gateway/testing/harness.h"

namespace renxin::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kGzip = "Accept-Encoding: gzip\r\n";

class ConsoleTest : public testing::Test {
 protected:
  Harness harness_;
};

TEST_F(ConsoleTest, EveryFileIsServedAsItIsHeldAndInflatedForOthers) {
  ASSERT_GT(console::Pages().size(), 10U);
  for (const auto& page : console::Pages()) {
    const std::string path(page.path);
    const auto held = harness_.Send("GET", path, "", kGzip);
    EXPECT_EQ(held.status, 200) << path;
    EXPECT_TRUE(held.complete) << path;
    EXPECT_TRUE(held.body == page.bytes) << path;
    EXPECT_EQ(held.headers.at("content-type"), page.content_type);
    EXPECT_EQ(held.headers.at("content-length"), std::to_string(page.bytes.size()));
    EXPECT_EQ(held.headers.count("content-encoding"), page.gzip ? 1U : 0U) << path;
    const auto plain = harness_.Send("GET", path);
    EXPECT_EQ(plain.headers.count("content-encoding"), 0U) << path;
    EXPECT_EQ(plain.headers.at("content-length"), std::to_string(plain.body.size())) << path;
    if (page.gzip) {
      EXPECT_EQ(held.headers.at("vary"), "Accept-Encoding");
      EXPECT_EQ(plain.headers.at("vary"), "Accept-Encoding");
      EXPECT_EQ(plain.body.size(), pages::InflatedSize(page.bytes)) << path;
    }
  }
}

TEST_F(ConsoleTest, HashedNamesAreKeptForGoodAndTheDocumentIsAskedForAgain) {
  int immutable = 0;
  for (const auto& page : console::Pages()) {
    const std::string path(page.path);
    const auto answer = harness_.Send("HEAD", path, "", kGzip);
    EXPECT_EQ(answer.headers.at("cache-control"), page.immutable ? "public, max-age=31536000, immutable" : "no-cache") << path;
    EXPECT_EQ(page.immutable, path.starts_with("/c/assets/")) << path;
    immutable += page.immutable ? 1 : 0;
    const auto again = harness_.Send("GET", path, "", std::string(kGzip) + "If-None-Match: " + answer.headers.at("etag") + "\r\n");
    EXPECT_EQ(again.status, 304) << path;
    EXPECT_TRUE(again.body.empty()) << path;
  }
  EXPECT_GT(immutable, 8);
}

TEST_F(ConsoleTest, EveryPathOfAScreenAnswersTheOneDocument) {
  const auto document = harness_.Send("GET", "/c/");
  EXPECT_THAT(document.body, HasSubstr("<div id=\"app\"></div>"));
  for (const char* path : {"/c/sign-in", "/c/things?colour=COLOUR_RED", "/c/things/0190-x", "/c/nothing"}) {
    const auto answer = harness_.Send("GET", path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_TRUE(answer.body == document.body) << path;
  }
  EXPECT_EQ(harness_.Send("GET", "/c/assets/nothing.js").status, 404);
  EXPECT_EQ(harness_.Send("GET", "/cx").status, 404);
  const auto posted = harness_.Send("POST", "/c/things", "{}");
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(posted.headers.at("allow"), "GET, HEAD");
}

TEST_F(ConsoleTest, TheRootRedirectsToIt) {
  for (const char* path : {"/", "/c"}) {
    const auto answer = harness_.Send("GET", path);
    EXPECT_EQ(answer.status, 302) << path;
    EXPECT_EQ(answer.headers.at("location"), "/c/");
  }
  EXPECT_EQ(harness_.Send("POST", "/", "{}").status, 405);
}

TEST_F(ConsoleTest, ThePolicyLetsNothingInButOurFilesAndNamesNoOtherHost) {
  const auto document = harness_.Send("GET", "/c/");
  const auto& policy = document.headers.at("content-security-policy");
  EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'self'; style-src 'self';"));
  EXPECT_THAT(policy, HasSubstr("require-trusted-types-for 'script'; trusted-types vue"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, Not(HasSubstr("://")));
  EXPECT_THAT(document.body, Not(HasSubstr("://")));
  EXPECT_FALSE(std::regex_search(document.body, std::regex("<script(?![^>]*src=)|<style|\\sstyle=")));
  EXPECT_EQ(document.headers.at("referrer-policy"), "no-referrer");
  EXPECT_EQ(document.headers.at("permissions-policy"), "camera=(self)");
}

}  // namespace
}  // namespace renxin::gateway
