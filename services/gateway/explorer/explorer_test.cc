#include "services/gateway/explorer/explorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "services/gateway/testing/harness.h"

namespace renxin::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

class ExplorerTest : public testing::Test {
 protected:
  Harness harness_;
};

TEST_F(ExplorerTest, EveryFileIsServedWithoutAToken) {
  ASSERT_EQ(explorer::Pages().size(), 8U);
  std::set<std::string> tags;
  for (const auto& page : explorer::Pages()) {
    const auto answer = harness_.Send("GET", std::string(page.path));
    EXPECT_EQ(answer.status, 200) << page.path;
    EXPECT_TRUE(answer.complete) << page.path;
    EXPECT_TRUE(answer.body == page.bytes) << page.path;
    EXPECT_FALSE(answer.body.empty()) << page.path;
    EXPECT_EQ(answer.headers.at("content-type"), page.content_type);
    EXPECT_EQ(answer.headers.at("content-length"), std::to_string(page.bytes.size()));
    EXPECT_EQ(answer.headers.at("cache-control"), "no-cache");
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.headers.at("etag"), page.tag);
    tags.emplace(page.tag);
  }
  EXPECT_EQ(tags.size(), explorer::Pages().size());
}

TEST_F(ExplorerTest, ThePageIsOursAndNamesNobodyElse) {
  const auto page = harness_.Send("GET", "/docs");
  EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, Not(HasSubstr("://")));
  EXPECT_THAT(page.body, HasSubstr("/docs/swagger-ui-bundle.js"));
  EXPECT_THAT(harness_.Send("GET", "/docs/start.js").body, HasSubstr("'/openapi.json'"));
  EXPECT_EQ(harness_.Send("GET", "/docs/").body, page.body);
  const auto& policy = page.headers.at("content-security-policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self';"));
  EXPECT_THAT(policy, HasSubstr("connect-src 'self'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_EQ(page.headers.at("referrer-policy"), "no-referrer");
}

TEST_F(ExplorerTest, WhoHasAFileIsSparedIt) {
  const std::string path = "/docs/swagger-ui-bundle.js";
  const auto whole = harness_.Send("GET", path);
  const auto again = harness_.Send("GET", path, "", "If-None-Match: " + whole.headers.at("etag") + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(again.headers.at("etag"), whole.headers.at("etag"));
  EXPECT_EQ(again.headers.at("cache-control"), "no-cache");
  EXPECT_EQ(harness_.Send("GET", path, "", "If-None-Match: \"0\"\r\n").status, 200);
  EXPECT_EQ(harness_.Send("HEAD", path, "", "If-None-Match: *\r\n").status, 304);
}

// What follows on the connection would be taken for the body that HEAD must not have.
TEST_F(ExplorerTest, HeadHasNoBodyAndLeavesTheConnectionWhole) {
  TlsClient client(harness_.port());
  for (const auto& [path, status] :
       std::map<std::string, int>{{"/docs", 200}, {"/docs/nothing", 404}, {"/openapi.json", 200}, {"/problems/x", 404}}) {
    client.Send("HEAD " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = client.Read(true);
    EXPECT_EQ(head.status, status) << path;
    EXPECT_GT(std::stoi(head.headers.at("content-length")), 0) << path;
  }
  client.Send("GET /docs/start.js HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto whole = client.Read();
  EXPECT_EQ(whole.status, 200);
  EXPECT_TRUE(whole.complete);
}

TEST_F(ExplorerTest, NothingElseIsThere) {
  EXPECT_EQ(harness_.Send("GET", "/docsx").status, 404);
  for (const std::string below : {"nothing", "/", "index.html", "package.json", "swagger-ui.css/"}) {
    EXPECT_EQ(harness_.Send("GET", "/docs/" + below).status, 404) << below;
  }
  for (const std::string below : {"../openapi.json", "%2e%2e/openapi.json", "..%2fopenapi.json", "%2e%2e%2f%2e%2e%2fetc/passwd",
                                  "..\\openapi.json", "%00", "swagger-ui.css%00.png", "./start.js"}) {
    const auto answer = harness_.Send("GET", "/docs/" + below);
    EXPECT_TRUE(answer.status == 404 || answer.status == 400) << below << ": " << answer.status;
    EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json") << below;
  }
  const auto posted = harness_.Send("POST", "/docs", "{}");
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(posted.headers.at("allow"), "GET, HEAD");
}

TEST_F(ExplorerTest, HeadOfARouteIsStillNotAllowed) {
  const auto answer = harness_.Send("HEAD", "/v1/things");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("allow"), "GET, POST");
}

}  // namespace
}  // namespace renxin::gateway
