#include <gmock/gmock.h>
#include <sys/stat.h>

#include "services/cli/testing.h"

namespace renxin::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(SignIn, KeepsTheTokenForItsOwnerAlone) {
  Bench bench;
  std::filesystem::remove(bench.session());
  EXPECT_EQ(bench.Run({"period", "list"}), 1);
  EXPECT_THAT(bench.err, HasSubstr("nobody is signed in"));
  const auto password = bench.Write("password", "correct horse\n");
  bench.gateway.answer = [](const HttpRequest&) { return HttpReply{.status = 201, .body = R"({"access_token":"t2","expires_in":"600"})"}; };
  EXPECT_EQ(bench.Run({"login", "--username", "admin", "--password-file", password.string(), "--json"}), 0);
  EXPECT_EQ(bench.gateway.asked.back().target, "/v1/sessions");
  EXPECT_EQ(bench.gateway.asked.back().body, R"({"username":"admin","password":"correct horse"})");
  EXPECT_EQ(HeaderOf(bench.gateway.asked.back(), "Authorization"), "");
  struct stat status {};
  ASSERT_EQ(::stat(bench.session().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_THAT(bench.out, Not(HasSubstr("t2")));
  ASSERT_EQ(::chmod(bench.session().c_str(), 0644), 0);
  EXPECT_EQ(bench.Run({"period", "list"}), 1);
  EXPECT_THAT(bench.err, HasSubstr("can be read by others"));
}

TEST(SignIn, ATokenIsShownToItsOwnGatewayOnly) {
  Bench bench;
  SaveSession(bench.session(),
              {.url = "https://other:1", .username = "a", .access_token = "t", .expires_at = 4'000'000'000, .password_file = ""});
  EXPECT_EQ(bench.Run({"period", "list"}), 1);
  EXPECT_THAT(bench.err, HasSubstr("signed in at https://other:1"));
  EXPECT_THAT(bench.gateway.asked, testing::SizeIs(0));
}

TEST(SignIn, AgainByItselfWhenTheTokenRunsOutOrIsRefused) {
  for (const std::int64_t expires_at : {std::int64_t{0}, std::int64_t{4'000'000'000}}) {
    Bench bench;
    const auto password = bench.Write("password", "correct horse\r\n");
    SaveSession(bench.session(),
                {.url = "https://gate:1", .username = "admin", .access_token = "old", .expires_at = expires_at, .password_file = password});
    bench.gateway.answer = [](const HttpRequest& request) -> HttpReply {
      if (request.target == "/v1/sessions") return {.status = 201, .body = R"({"access_token":"new","expires_in":"600"})"};
      if (HeaderOf(request, "Authorization") != "Bearer new") return {.status = 401, .body = "{}"};
      return {.status = 200, .body = R"({"periods":[]})"};
    };
    EXPECT_EQ(bench.Run({"period", "list"}), 0) << expires_at;
    EXPECT_EQ(LoadSession(bench.session())->access_token, "new");
  }
}

struct SignOutCase {
  const char* refresh_token;
  int status;  // of the gateway's answer; 0: it cannot be reached
  int code;
  const char* told;
};

TEST(SignOut, EndsAtTheGatewayAndIsForgottenHereWhateverItAnswers) {
  const SignOutCase cases[] = {{"r1", 200, 0, "signed out admin"},
                               {"r1", 401, 0, "signed out admin"},  // ended before
                               {"", 500, 0, "signed out admin"},    // nothing to end there
                               {"r1", 500, 1, "forgotten here, but not ended at the gateway"},
                               {"r1", 0, 6, "forgotten here, but not ended at the gateway"}};
  for (const SignOutCase& each : cases) {
    Bench bench;
    SaveSession(bench.session(), {.url = "https://gate:1",
                                  .username = "admin",
                                  .access_token = "a1",
                                  .expires_at = 4'000'000'000,
                                  .password_file = "",
                                  .refresh_token = each.refresh_token,
                                  .refresh_key = "k1"});
    bench.gateway.answer = [&](const HttpRequest&) -> HttpReply {
      if (each.status == 0) throw TransportError("no connection", false);
      return {.status = each.status, .body = "{}"};
    };
    EXPECT_EQ(bench.Run({"logout"}), each.code) << each.status;
    EXPECT_THAT(bench.out + bench.err, HasSubstr(each.told));
    EXPECT_FALSE(std::filesystem::exists(bench.session()));
    if (std::string_view(each.refresh_token).empty()) {
      EXPECT_THAT(bench.gateway.asked, IsEmpty());
      continue;
    }
    EXPECT_EQ(bench.gateway.asked.front().target, "/v1/sessions:end");
    EXPECT_EQ(bench.gateway.asked.front().body, R"({"refresh_token":"r1"})");
    EXPECT_THAT(HeaderOf(bench.gateway.asked.front(), "Idempotency-Key"), Not(IsEmpty()));
    EXPECT_EQ(bench.Run({"logout"}), 0);
    EXPECT_THAT(bench.out, HasSubstr("nobody was signed in"));
  }
}

TEST(SignOut, AnotherGatewaysSignInStays) {
  Bench bench;
  SaveSession(bench.session(),
              {.url = "https://other:1", .username = "a", .access_token = "t", .expires_at = 4'000'000'000, .password_file = ""});
  EXPECT_EQ(bench.Run({"logout"}), 1);
  EXPECT_THAT(bench.err, HasSubstr("--url https://other:1 logout"));
  EXPECT_THAT(bench.gateway.asked, IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(bench.session()));
}

// A gateway whose refresh tokens serve once: `r1` gives `r2`, and so on. Access tokens are `a2` …
struct RotatingGateway {
  int newest = 1;
  std::vector<std::string> refreshed{};  // tokens shown, with their keys

  HttpReply Take(const HttpRequest& request) {
    if (request.target == "/v1/sessions:refresh") {
      const std::string token(json::parse(request.body).at("refresh_token").as_string());
      refreshed.push_back(token + " " + HeaderOf(request, "Idempotency-Key"));
      if (token != "r" + std::to_string(newest)) return {.status = 401, .body = R"({"reason":"token-reused"})"};
      const std::string next = std::to_string(++newest);
      return {.status = 200, .body = R"({"access_token":"a)" + next + R"(","expires_in":"600","refresh_token":"r)" + next + "\"}"};
    }
    if (request.target == "/v1/sessions") return {.status = 401, .body = "{}"};
    if (HeaderOf(request, "Authorization") != "Bearer a" + std::to_string(newest)) return {.status = 401, .body = R"({"title":"Over"})"};
    return {.status = 200, .body = R"({"periods":[]})"};
  }
};

TEST(SignIn, ARefreshTokenIsUsedOnceAndItsSuccessorKept) {
  for (const std::int64_t expires_at : {std::int64_t{0}, std::int64_t{4'000'000'000}}) {
    Bench bench;
    RotatingGateway gateway;
    bench.gateway.answer = [&](const HttpRequest& request) { return gateway.Take(request); };
    SaveSession(bench.session(), {.url = "https://gate:1",
                                  .username = "admin",
                                  .access_token = "a0",
                                  .expires_at = expires_at,
                                  .password_file = "",
                                  .refresh_token = "r1",
                                  .refresh_key = "k1"});
    EXPECT_EQ(bench.Run({"period", "list"}), 0) << bench.err;
    EXPECT_THAT(gateway.refreshed, ElementsAre("r1 k1"));
    const auto kept = LoadSession(bench.session());
    EXPECT_EQ(kept->access_token, "a2");
    EXPECT_EQ(kept->refresh_token, "r2");
    EXPECT_THAT(kept->refresh_key, testing::AllOf(Not(IsEmpty()), Not("k1")));
    struct stat status {};
    ASSERT_EQ(::stat(bench.session().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(bench.Run({"period", "list"}), 0);
    EXPECT_THAT(gateway.refreshed, testing::SizeIs(1)) << "the new one holds for ten minutes";
    EXPECT_THAT(bench.out + bench.err, Not(HasSubstr("r2")));
  }
}

TEST(SignIn, ARefreshThatGetsNoAnswerIsRepeatedUnderItsKey) {
  Bench bench;
  RotatingGateway gateway;
  int calls = 0;
  bench.gateway.answer = [&](const HttpRequest& request) -> HttpReply {
    if (request.target == "/v1/sessions:refresh" && ++calls == 1) throw TransportError("reset", false);
    return gateway.Take(request);
  };
  SaveSession(bench.session(), {.url = "https://gate:1",
                                .username = "admin",
                                .access_token = "a0",
                                .expires_at = 0,
                                .password_file = "",
                                .refresh_token = "r1",
                                .refresh_key = "k1"});
  EXPECT_EQ(bench.Run({"period", "list"}), 0) << bench.err;
  EXPECT_EQ(calls, 2);
  for (const HttpRequest& request : bench.gateway.asked) {
    if (request.target == "/v1/sessions:refresh") {
      EXPECT_EQ(HeaderOf(request, "Idempotency-Key"), "k1");
    }
  }
}

TEST(SignIn, WhatAnotherRunRenewedIsTakenOver) {
  Bench bench;
  RotatingGateway gateway{.newest = 5};
  Session renewed{.url = "https://gate:1",
                  .username = "admin",
                  .access_token = "a5",
                  .expires_at = 4'000'000'000,
                  .password_file = "",
                  .refresh_token = "r5",
                  .refresh_key = "k5"};
  Session old = renewed;
  old.access_token = "a4";
  old.refresh_token = "r4";
  SaveSession(bench.session(), old);
  bench.gateway.answer = [&](const HttpRequest& request) {
    SaveSession(bench.session(), renewed);  // meanwhile
    return gateway.Take(request);
  };
  EXPECT_EQ(bench.Run({"period", "list"}), 0) << bench.err;
  EXPECT_THAT(gateway.refreshed, IsEmpty());
}

TEST(SignIn, ARefusedRefreshTokenIsForgottenAndThePasswordAsked) {
  Bench bench;
  const auto password = bench.Write("password", "correct horse\n");
  bench.gateway.answer = [](const HttpRequest& request) -> HttpReply {
    if (request.target == "/v1/sessions:refresh") return {.status = 401, .body = R"({"reason":"token-reused"})"};
    if (request.target == "/v1/sessions") return {.status = 201, .body = R"({"access_token":"new","expires_in":"600"})"};
    if (HeaderOf(request, "Authorization") != "Bearer new") return {.status = 401, .body = "{}"};
    return {.status = 200, .body = R"({"periods":[]})"};
  };
  Session session{.url = "https://gate:1",
                  .username = "admin",
                  .access_token = "old",
                  .expires_at = 0,
                  .password_file = password,
                  .refresh_token = "r1",
                  .refresh_key = "k1"};
  SaveSession(bench.session(), session);
  EXPECT_EQ(bench.Run({"period", "list"}), 0) << bench.err;
  EXPECT_EQ(LoadSession(bench.session())->refresh_token, "");
  session.password_file = "";
  SaveSession(bench.session(), session);
  EXPECT_EQ(bench.Run({"period", "list"}), 1);
  EXPECT_THAT(bench.err, HasSubstr("sign in again"));
  EXPECT_EQ(LoadSession(bench.session())->refresh_token, "");
}

}  // namespace
}  // namespace renxin::cli
