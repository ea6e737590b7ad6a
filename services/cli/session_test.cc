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
  CliFixture cli;
  std::filesystem::remove(cli.session());
  EXPECT_EQ(cli.Run({"period", "list"}), 1);
  EXPECT_THAT(cli.err, HasSubstr("nobody is signed in"));
  const auto password = cli.Write("password", "correct horse\n");
  cli.gateway.answer = [](const HttpRequest&) { return HttpReply{.status = 201, .body = R"({"access_token":"t2","expires_in":"600"})"}; };
  EXPECT_EQ(cli.Run({"login", "--username", "admin", "--password-file", password.string(), "--json"}), 0);
  EXPECT_EQ(cli.gateway.requests.back().target, "/v1/sessions");
  EXPECT_EQ(cli.gateway.requests.back().body, R"({"username":"admin","password":"correct horse"})");
  EXPECT_EQ(HeaderOf(cli.gateway.requests.back(), "Authorization"), "");
  struct stat status {};
  ASSERT_EQ(::stat(cli.session().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_THAT(cli.out, Not(HasSubstr("t2")));
  ASSERT_EQ(::chmod(cli.session().c_str(), 0644), 0);
  EXPECT_EQ(cli.Run({"period", "list"}), 1);
  EXPECT_THAT(cli.err, HasSubstr("can be read by others"));
}

TEST(SignIn, ATokenIsShownToItsOwnGatewayOnly) {
  CliFixture cli;
  SaveSession(cli.session(),
              {.url = "https://other:1", .username = "a", .access_token = "t", .expires_at = 4'000'000'000, .password_file = ""});
  EXPECT_EQ(cli.Run({"period", "list"}), 1);
  EXPECT_THAT(cli.err, HasSubstr("signed in at https://other:1"));
  EXPECT_THAT(cli.gateway.requests, testing::SizeIs(0));
}

TEST(SignIn, AgainByItselfWhenTheTokenRunsOutOrIsRefused) {
  for (const std::int64_t expires_at : {std::int64_t{0}, std::int64_t{4'000'000'000}}) {
    CliFixture cli;
    const auto password = cli.Write("password", "correct horse\r\n");
    SaveSession(cli.session(),
                {.url = "https://gate:1", .username = "admin", .access_token = "old", .expires_at = expires_at, .password_file = password});
    cli.gateway.answer = [](const HttpRequest& request) -> HttpReply {
      if (request.target == "/v1/sessions") return {.status = 201, .body = R"({"access_token":"new","expires_in":"600"})"};
      if (HeaderOf(request, "Authorization") != "Bearer new") return {.status = 401, .body = "{}"};
      return {.status = 200, .body = R"({"periods":[]})"};
    };
    EXPECT_EQ(cli.Run({"period", "list"}), 0) << expires_at;
    EXPECT_EQ(LoadSession(cli.session())->access_token, "new");
  }
}

struct SignOutCase {
  const char* refresh_token;
  int status;  // of the gateway's answer; 0: it cannot be reached
  int code;
  const char* expected;
};

TEST(SignOut, EndsAtTheGatewayAndIsForgottenHereWhateverItAnswers) {
  const SignOutCase cases[] = {{"r1", 200, 0, "signed out admin"},
                               {"r1", 401, 0, "signed out admin"},  // ended before
                               {"", 500, 0, "signed out admin"},    // nothing to end there
                               {"r1", 500, 1, "forgotten here, but not ended at the gateway"},
                               {"r1", 0, 6, "forgotten here, but not ended at the gateway"}};
  for (const SignOutCase& each : cases) {
    CliFixture cli;
    SaveSession(cli.session(), {.url = "https://gate:1",
                                .username = "admin",
                                .access_token = "a1",
                                .expires_at = 4'000'000'000,
                                .password_file = "",
                                .refresh_token = each.refresh_token,
                                .refresh_key = "k1"});
    cli.gateway.answer = [&](const HttpRequest&) -> HttpReply {
      if (each.status == 0) throw TransportError("no connection", false);
      return {.status = each.status, .body = "{}"};
    };
    EXPECT_EQ(cli.Run({"logout"}), each.code) << each.status;
    EXPECT_THAT(cli.out + cli.err, HasSubstr(each.expected));
    EXPECT_FALSE(std::filesystem::exists(cli.session()));
    if (std::string_view(each.refresh_token).empty()) {
      EXPECT_THAT(cli.gateway.requests, IsEmpty());
      continue;
    }
    EXPECT_EQ(cli.gateway.requests.front().target, "/v1/sessions:end");
    EXPECT_EQ(cli.gateway.requests.front().body, R"({"refresh_token":"r1"})");
    EXPECT_THAT(HeaderOf(cli.gateway.requests.front(), "Idempotency-Key"), Not(IsEmpty()));
    EXPECT_EQ(cli.Run({"logout"}), 0);
    EXPECT_THAT(cli.out, HasSubstr("nobody was signed in"));
  }
}

TEST(SignOut, AnotherGatewaysSignInStays) {
  CliFixture cli;
  SaveSession(cli.session(),
              {.url = "https://other:1", .username = "a", .access_token = "t", .expires_at = 4'000'000'000, .password_file = ""});
  EXPECT_EQ(cli.Run({"logout"}), 1);
  EXPECT_THAT(cli.err, HasSubstr("--url https://other:1 logout"));
  EXPECT_THAT(cli.gateway.requests, IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(cli.session()));
}

// A gateway whose refresh tokens serve once: `r1` gives `r2`, and so on. Access tokens are `a2` …
struct RotatingGateway {
  int newest = 1;
  std::vector<std::string> refreshed{};  // tokens shown, with their keys

  HttpReply Handle(const HttpRequest& request) {
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
    CliFixture cli;
    RotatingGateway gateway;
    cli.gateway.answer = [&](const HttpRequest& request) { return gateway.Handle(request); };
    SaveSession(cli.session(), {.url = "https://gate:1",
                                .username = "admin",
                                .access_token = "a0",
                                .expires_at = expires_at,
                                .password_file = "",
                                .refresh_token = "r1",
                                .refresh_key = "k1"});
    EXPECT_EQ(cli.Run({"period", "list"}), 0) << cli.err;
    EXPECT_THAT(gateway.refreshed, ElementsAre("r1 k1"));
    const auto kept = LoadSession(cli.session());
    EXPECT_EQ(kept->access_token, "a2");
    EXPECT_EQ(kept->refresh_token, "r2");
    EXPECT_THAT(kept->refresh_key, testing::AllOf(Not(IsEmpty()), Not("k1")));
    struct stat status {};
    ASSERT_EQ(::stat(cli.session().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(cli.Run({"period", "list"}), 0);
    EXPECT_THAT(gateway.refreshed, testing::SizeIs(1)) << "the new one holds for ten minutes";
    EXPECT_THAT(cli.out + cli.err, Not(HasSubstr("r2")));
  }
}

TEST(SignIn, ARefreshThatGetsNoAnswerIsRepeatedUnderItsKey) {
  CliFixture cli;
  RotatingGateway gateway;
  int calls = 0;
  cli.gateway.answer = [&](const HttpRequest& request) -> HttpReply {
    if (request.target == "/v1/sessions:refresh" && ++calls == 1) throw TransportError("reset", false);
    return gateway.Handle(request);
  };
  SaveSession(cli.session(), {.url = "https://gate:1",
                              .username = "admin",
                              .access_token = "a0",
                              .expires_at = 0,
                              .password_file = "",
                              .refresh_token = "r1",
                              .refresh_key = "k1"});
  EXPECT_EQ(cli.Run({"period", "list"}), 0) << cli.err;
  EXPECT_EQ(calls, 2);
  for (const HttpRequest& request : cli.gateway.requests) {
    if (request.target == "/v1/sessions:refresh") {
      EXPECT_EQ(HeaderOf(request, "Idempotency-Key"), "k1");
    }
  }
}

TEST(SignIn, WhatAnotherRunRenewedIsTakenOver) {
  CliFixture cli;
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
  SaveSession(cli.session(), old);
  cli.gateway.answer = [&](const HttpRequest& request) {
    SaveSession(cli.session(), renewed);  // meanwhile
    return gateway.Handle(request);
  };
  EXPECT_EQ(cli.Run({"period", "list"}), 0) << cli.err;
  EXPECT_THAT(gateway.refreshed, IsEmpty());
}

TEST(SignIn, ARefusedRefreshTokenIsForgottenAndThePasswordAsked) {
  CliFixture cli;
  const auto password = cli.Write("password", "correct horse\n");
  cli.gateway.answer = [](const HttpRequest& request) -> HttpReply {
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
  SaveSession(cli.session(), session);
  EXPECT_EQ(cli.Run({"period", "list"}), 0) << cli.err;
  EXPECT_EQ(LoadSession(cli.session())->refresh_token, "");
  session.password_file = "";
  SaveSession(cli.session(), session);
  EXPECT_EQ(cli.Run({"period", "list"}), 1);
  EXPECT_THAT(cli.err, HasSubstr("sign in again"));
  EXPECT_EQ(LoadSession(cli.session())->refresh_token, "");
}

}  // namespace
}  // namespace renxin::cli
