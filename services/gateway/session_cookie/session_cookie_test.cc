#include "services/gateway/session_cookie/session_cookie.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/gateway/testing/harness.h"

namespace renxin::gateway {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kSubject = "rpc.renxin.things.v1.ThingService.";
constexpr const char* kConsole = "Renxin-Console: 1\r\n";
constexpr const char* kCookie = "Cookie: other=1; __Secure-renxin-refresh=old; last=2\r\n";

// The reply of Enter has the fields of its request: what the service was given comes back.
class SessionCookieTest : public testing::Test {
 protected:
  SessionCookieTest() {
    for (const char* method : {"Enter", "Read"}) {
      harness_.bus().On(std::string(kSubject) + method, [](const ReceivedCall& received) { return Good(received.body); });
    }
    harness_.bus().On(std::string(kSubject) + "Leave", [this](const ReceivedCall& received) {
      left_ = received.body;
      return Good();
    });
  }
  std::string left_;
  Harness harness_;
};

TEST_F(SessionCookieTest, ForTheConsoleTheTokenGoesIntoACookieAndNotIntoTheBody) {
  const auto answer = harness_.Send("POST", "/v1/enter", R"({"refresh_token":"new"})", kConsole);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("set-cookie"), "__Secure-renxin-refresh=new; Path=/v1; HttpOnly; Secure; SameSite=Strict");
  EXPECT_EQ(answer.body, R"({"refresh_token":"","who":""})");
}

TEST_F(SessionCookieTest, TheCookieIsReadWhereTheBodyHasNoToken) {
  const auto answer = harness_.Send("POST", "/v1/enter", "{}", std::string(kConsole) + kCookie);
  EXPECT_THAT(answer.headers.at("set-cookie"), StartsWith("__Secure-renxin-refresh=old;"));
  const auto both = harness_.Send("POST", "/v1/enter", R"({"refresh_token":"body"})", std::string(kConsole) + kCookie);
  EXPECT_THAT(both.headers.at("set-cookie"), StartsWith("__Secure-renxin-refresh=body;"));
}

TEST_F(SessionCookieTest, OthersHaveItInTheBodyAndTheirCookiesAreNotRead) {
  const auto answer = harness_.Send("POST", "/v1/enter", R"({"refresh_token":"new"})", kCookie);
  EXPECT_EQ(answer.headers.count("set-cookie"), 0U);
  EXPECT_EQ(answer.body, R"({"refresh_token":"new","who":""})");
  EXPECT_EQ(harness_.Send("POST", "/v1/enter", "{}", kCookie).status, 400) << "a page of another site must not use the cookie";
  EXPECT_EQ(harness_.Send("POST", "/v1/enter", "{}", std::string("Renxin-Console: 0\r\n") + kCookie).status, 400);
}

TEST_F(SessionCookieTest, EndingASessionForgetsTheCookie) {
  const auto answer = harness_.Send("POST", "/v1/leave", "{}", std::string(kConsole) + kCookie);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(left_, HasSubstr("old"));
  EXPECT_THAT(answer.headers.at("set-cookie"), StartsWith("__Secure-renxin-refresh=; Path=/v1"));
  EXPECT_THAT(answer.headers.at("set-cookie"), EndsWith("Max-Age=0"));
}

TEST_F(SessionCookieTest, NoOtherRouteReadsOrSetsIt) {
  const auto answer = harness_.SendAs("GET", "/v1/things/a", "", std::string(kConsole) + kCookie);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.count("set-cookie"), 0U);
  EXPECT_THAT(answer.body, Not(HasSubstr("old")));
}

}  // namespace
}  // namespace renxin::gateway
