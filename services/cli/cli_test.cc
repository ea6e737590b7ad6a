#include <gmock/gmock.h>

#include "services/cli/https.h"
#include "services/cli/statement.h"
#include "services/cli/table.h"
#include "services/cli/testing.h"

namespace renxin::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct UsageCase {
  std::vector<std::string> words;
  int code;
  const char* expected;  // on standard error
};

TEST(Arguments, WhatCannotBeUnderstoodIsUsage) {
  const UsageCase cases[] = {
      {{}, 2, "subcommand"},
      {{"dance"}, 2, "subcommand"},
      {{"login", "--username", "u"}, 2, "--password-file"},
      {{"import"}, 2, "import KIND FILE"},
      {{"import", "leads"}, 2, "import KIND FILE"},
      {{"import", "leads", "x.csv"}, 2, "--source"},
      {{"import", "leads", "x.csv", "--dir", "d", "--source", "s"}, 2, "import KIND FILE"},
      {{"import", "horses", "x.csv", "--source", "s"}, 2, "no kind of file"},
      {{"import", "--finish", "s", "--dry-run"}, 2, "stands alone"},
      {{"import", "--finish", "s", "--timeout", "0"}, 2, "--timeout"},
      {{"import", "--dir", "/nowhere-at-all", "--source", "s"}, 3, "no file of format 1"},
      {{"import", "leads", "/nowhere-at-all.csv", "--source", "s"}, 3, "no file"},
      {{"statement"}, 2, "statement PERIOD PAYEE"},
      {{"statement", "2011-01"}, 2, "statement PERIOD PAYEE"},
      {{"statement", "verify", "2011-01"}, 2, "payee"},
      {{"period"}, 2, "subcommand"},
      {{"period", "lock"}, 2, "period"},
      {{"dead-letters", "replay", "leads"}, 2, "id"},
      {{"dead-letters", "list", "--service", "nobody"}, 3, "no service nobody"},
      {{"doctor", "--service", "nobody"}, 3, "no service nobody"},
      {{"nats-config", "--store", "x"}, 2, "required"},
      {{"nats-config", "--store", "x", "--port", "70000"}, 2, "70000"},
  };
  for (const UsageCase& each : cases) {
    CliFixture cli;
    EXPECT_EQ(cli.Run(each.words), each.code) << testing::PrintToString(each.words);
    EXPECT_THAT(cli.err, HasSubstr(each.expected)) << testing::PrintToString(each.words);
    EXPECT_THAT(cli.out, IsEmpty());
    EXPECT_THAT(cli.gateway.requests, testing::SizeIs(0));
  }
}

TEST(Arguments, HelpIsNoFailure) {
  CliFixture cli;
  EXPECT_EQ(cli.Run({"--help"}), 0);
  EXPECT_THAT(cli.out, HasSubstr("dead-letters"));
  EXPECT_EQ(cli.Run({"statement", "verify", "--help"}), 0);
  EXPECT_THAT(cli.out, HasSubstr("payee"));
}

TEST(Url, OnlyHttps) {
  EXPECT_EQ(ParseUrl("https://127.0.0.1:8443"), "https://127.0.0.1:8443");
  EXPECT_EQ(ParseUrl("https://hospital.example/"), "https://hospital.example:443");
  EXPECT_EQ(ParseUrl("https://[::1]:8443"), "https://[::1]:8443");
  for (const char* bad :
       {"http://x", "x:1", "https://", "https://x:0", "https://x:00", "https://x:65536", "https://x:1y", "https://u@x", "https://u:p@x",
        "https://x/y", "https://x?", "https://x#y", "https://x y", "https://x\r\ny", "file:///etc", ""}) {
    EXPECT_THROW(ParseUrl(bad), CliError) << bad;
  }
}

struct StatusCase {
  int status;
  const char* body;
  int code;
  const char* expected;
};

TEST(Errors, HaveACodeAndWords) {
  const StatusCase cases[] = {
      {400,
       R"({"title":"A field is wrong","detail":"see errors","reason":"invalid-field","errors":[{"field":"period","rule":"format","message":"is no month"}],
               "trace_id":"abc"})",
       1, "A field is wrong: see errors (invalid-field)\n  period: is no month [format]\n  trace abc"},
      {403, R"({"title":"Not allowed"})", 1, "Not allowed"},
      {401, R"({"title":"Token is over"})", 1, "sign in again"},
      {404, R"({"title":"Not found"})", 3, "Not found"},
      {409, R"({"title":"Locked already"})", 1, "Locked already"},
      {503, R"({"title":"Not now"})", 5, "Not now"},
      {500, "<html>", 1, "the gateway answered 500"},
      {400, "{\"title\":\"\\u001b[2J\"}", 1, "?[2J"},
      {200, "[]", 1, "no JSON object"},
  };
  for (const StatusCase& each : cases) {
    CliFixture cli;
    cli.gateway.answer = [&](const HttpRequest&) { return HttpReply{.status = each.status, .body = each.body}; };
    EXPECT_EQ(cli.Run({"period", "list"}), each.code) << each.status;
    EXPECT_THAT(cli.err, HasSubstr(each.expected));
    EXPECT_THAT(cli.out, IsEmpty());
  }
}

TEST(Repeats, AGatewayThatIsAwayForAMomentIsWaitedFor) {
  CliFixture cli;
  int calls = 0;
  cli.gateway.answer = [&](const HttpRequest&) -> HttpReply {
    ++calls;
    if (calls == 1) throw TransportError("refused", false);
    if (calls == 2) return {.status = 503, .body = "{}", .retry_after_seconds = 30};
    return {.status = 200,
            .body = R"({"periods":[{"period":"2011-01","state":"PERIOD_STATE_LOCKED","statements":"8","commission_fen":"-101"}]})"};
  };
  EXPECT_EQ(cli.Run({"period", "list"}), 0);
  EXPECT_THAT(cli.out, HasSubstr("2011-01"));
  EXPECT_THAT(cli.out, HasSubstr("locked 已锁定"));
  EXPECT_THAT(cli.out, HasSubstr("-1.01"));
  EXPECT_LT(cli.slept.count(), 1'000) << "Retry-After of a 503 is no reason to sleep half a minute";
}

TEST(Repeats, WhatCannotBeReachedEndsWithSix) {
  CliFixture cli;
  cli.gateway.answer = [](const HttpRequest&) -> HttpReply { throw TransportError("no connection to gate:1", false); };
  EXPECT_EQ(cli.Run({"period", "list"}), 6);
  EXPECT_THAT(cli.err, HasSubstr("no connection"));
  EXPECT_LE(cli.slept.count(), 2'000);
  cli.gateway.requests.clear();
  cli.gateway.answer = [](const HttpRequest&) -> HttpReply { throw TransportError("certificate", true); };
  EXPECT_EQ(cli.Run({"period", "list"}), 6);
  EXPECT_THAT(cli.gateway.requests, testing::SizeIs(1));
}

TEST(Tables, AreAsWideAsTheirCellsAlsoInChinese) {
  Table table({{"rule 规则"}, {"amount 提成", Align::kRight}});
  table.Row({"C3", "1521.61"});
  table.Row({"合计", "-0.01"});
  table.PrintInfo("why\nnot");
  EXPECT_EQ(table.ToText(),
            "rule 规则  amount 提成\n"
            "----------------------\n"
            "C3             1521.61\n"
            "合计             -0.01\n"
            "    why?not\n");
  EXPECT_EQ(FormatRate(650), "6.5 %");
  EXPECT_EQ(FormatRate(700), "7 %");
  EXPECT_EQ(FormatRate(1234), "12.34 %");
  EXPECT_EQ(FormatRate(5), "0.05 %");
}

constexpr const char* kStatement = R"({
  "period": "2011-01", "payee_id": "0190a000-0000-7000-8000-000000000001", "staff_no": "R1", "source": "till", "locked": false,
  "performance_fen": "10000001", "source_count": "2", "commission_fen": "569990", "hash": "ab12", "not_covered": ["C4"],
  "lines": [{"rule": "C3", "plan": "plan-a", "plan_version": "1", "own_fen": "10000001", "carried_in_fen": "-1", "base_fen": "10000000",
             "amount_fen": "570000", "explanation": "50000.00 at 5 % …",
             "parts": [{"amount_fen": "5000000", "rate_bp": 500}, {"amount_fen": "3000000", "rate_bp": 600}, {"amount_fen": "2000000", "rate_bp": 700}]},
            {"rule": "C13", "corrects_period": "2010-12", "should_be_fen": "90", "was_fen": "100", "amount_fen": "-10"}]})";

TEST(Statement, IsATableThatCanBeCheckedByHand) {
  const std::string text = StatementText(json::parse(kStatement).as_object());
  for (const char* part :
       {"statement 结算单 2011-01  R1 of till  open 未锁定", "performance 业绩 100000.01 yuan 元, from 2 settlement lines",
        "50000.00 × 5 % + 30000.00 × 6 % + 20000.00 × 7 %", "plan-a v1", "5700.00", "    50000.00 at 5 % …", "corrects 更正 2010-12",
        "0.90 - 1.00", "-0.10", "5699.90", "not covered yet 未包含: C4", "hash ab12"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(Statement, C13_OfHistorySaysSoAndWhatItLacks) {
  json::object statement = json::parse(kStatement).as_object();
  statement["history"] = true;
  statement["unreadable_rows"] = json::array{"settlement_facts: x1"};
  const std::string text = StatementText(statement);
  EXPECT_THAT(text, HasSubstr("of till  history, not paid 历史，不结算"));
  EXPECT_THAT(text, HasSubstr("MISSING a stored row cannot be read 数据无法读取: settlement_facts: x1\n"));
}

HttpReply StatementGateway(const HttpRequest& request) {
  const std::string rows =
      R"({"statements":[{"payee_id":"0190a000-0000-7000-8000-000000000001","staff_no":"R1","plan":"plan-a","commission_fen":"569990"}]})";
  const std::string path = "/v1/statements/2011-01/0190a000-0000-7000-8000-000000000001";
  if (request.target.starts_with("/v1/statements/2011-01?") && request.target.find("page_size=200") != std::string::npos)
    return {.status = 200, .body = rows};
  if (request.target == path) return {.status = 200, .body = kStatement};
  if (request.target == path + "/sources?page_size=200") {
    return {
        .status = 200,
        .body = R"({"sources":[{"line_fen":"10000000","share_bp":10000,"credited_fen":"10000000","rule":"C3"}],"next_page_token":"p&2"})"};
  }
  if (request.target == path + "/sources?page_size=200&page_token=p%262") {
    return {.status = 200, .body = R"({"sources":[{"line_fen":"1","share_bp":10000,"credited_fen":"1","rule":"C3"}]})"};
  }
  return {.status = 404, .body = R"({"title":"Not found"})"};
}

TEST(Statement, APayeeIsFoundByNumber) {
  CliFixture cli;
  cli.gateway.answer = StatementGateway;
  EXPECT_EQ(cli.Run({"statement", "2011-01", "R1"}), 0) << cli.err;
  EXPECT_THAT(cli.out, HasSubstr("5699.90"));
  EXPECT_EQ(cli.Run({"statement", "2011-01", "R1", "--source", "till", "--json"}), 0);
  EXPECT_EQ(json::parse(cli.out), json::parse(kStatement));
  EXPECT_EQ(cli.Run({"statement", "2011-01", "R9"}), 3);
  EXPECT_EQ(cli.Run({"statement", "2011-01", "0190a000-0000-7000-8000-000000000001"}), 0);
  EXPECT_EQ(cli.Run({"statement", "list", "2011-01"}), 0);
  EXPECT_THAT(cli.out, HasSubstr("total 合计"));
}

TEST(Statement, VerifyReadsEveryPageOfSources) {
  CliFixture cli;
  cli.gateway.answer = StatementGateway;
  // The totals are left out of this statement: that is the one thing that differs.
  EXPECT_EQ(cli.Run({"statement", "verify", "2011-01", "R1"}), 4);
  EXPECT_THAT(cli.out, HasSubstr("DIFFERS total of C13 is missing: -0.10"));
  EXPECT_THAT(cli.out, Not(HasSubstr("performance")));
  EXPECT_EQ(cli.Run({"statement", "verify", "2011-01", "R1", "--json"}), 4);
  EXPECT_FALSE(json::parse(cli.out).at("ok").as_bool());
  EXPECT_EQ(json::parse(cli.out).at("sources").to_number<int>(), 2);
}

// A service's status in which `pending` events wait.
HttpReply ServiceStatus(const HttpRequest& request, int pending, bool idle) {
  const std::string service = request.target.substr(13, request.target.find('/', 13) - 13);
  return {.status = 200,
          .body = R"({"service":")" + service + R"(","outbox_pending":")" + std::to_string(pending) +
                  R"(","consumers":[{"consumer":"x","pending":"2","ack_pending":"1"}],"gauges":{"waiting_rows":"3"},"idle":)" +
                  (idle ? "true" : "false") + "}"};
}

TEST(Status, IsATableOfAllServices) {
  CliFixture cli;
  cli.gateway.answer = [](const HttpRequest& request) { return ServiceStatus(request, 7, false); };
  EXPECT_EQ(cli.Run({"status"}), 0);
  for (const char* part : {"identity", "leads", "referrals", "commissions", "busy", "waiting_rows 3"})
    EXPECT_THAT(cli.out, HasSubstr(part));
  cli.gateway.answer = [](const HttpRequest& request) {
    return request.target.find("leads") != std::string::npos ? HttpReply{.status = 503, .body = "{}"} : ServiceStatus(request, 0, true);
  };
  EXPECT_EQ(cli.Run({"status"}), 1);
  EXPECT_THAT(cli.out, HasSubstr("down"));
}

TEST(Status, IdleIsTwiceInARowWithTheSameFigures) {
  CliFixture cli;
  int polls = 0;
  std::string first;  // a new round begins with this one
  cli.gateway.answer = [&](const HttpRequest& request) -> HttpReply {
    if (first.empty()) first = request.target;
    if (request.target == first) ++polls;
    if (polls == 2 && request.target == first) throw TransportError("restarted", false);
    // Idle from the third time on; the figures still move between the third and the fourth.
    return ServiceStatus(request, polls < 4 ? polls : 4, polls >= 3);
  };
  EXPECT_EQ(cli.Run({"status", "--wait-idle", "--json"}), 0) << cli.err;
  EXPECT_EQ(polls, 5);
  EXPECT_TRUE(json::parse(cli.out).at("idle").as_bool());
}

TEST(Status, NeverIdleIsATimeout) {
  CliFixture cli;
  cli.gateway.answer = [](const HttpRequest& request) { return ServiceStatus(request, 1, false); };
  EXPECT_EQ(cli.Run({"status", "--wait-idle", "--timeout", "3"}), 5);
  EXPECT_THAT(cli.err, HasSubstr("not idle after 3 s"));
  EXPECT_THAT(cli.out, HasSubstr("busy"));
  cli.gateway.answer = [](const HttpRequest&) { return HttpReply{.status = 403, .body = R"({"title":"Not allowed"})"}; };
  EXPECT_EQ(cli.Run({"status", "--wait-idle"}), 1);
}

TEST(DeadLetters, AreListedReplayedAndDiscarded) {
  CliFixture cli;
  const std::string letter =
      R"({"id":"0190a000-0000-7000-8000-000000000002","consumer":"leads_roster","reason":"malformed","attempts":"1"})";
  cli.gateway.answer = [&](const HttpRequest& request) -> HttpReply {
    if (request.method == "POST") return {.status = 200, .body = letter};
    return {.status = 200,
            .body = request.target == "/v1/services/leads/dead-letters?page_size=200" ? R"({"dead_letters":[)" + letter + "]}" : "{}"};
  };
  EXPECT_EQ(cli.Run({"dead-letters", "list"}), 0);
  EXPECT_THAT(cli.out, HasSubstr("malformed"));
  EXPECT_EQ(cli.Run({"dead-letters", "list", "--service", "identity"}), 0);
  EXPECT_EQ(cli.out, "no dead letters\n");
  EXPECT_EQ(cli.Run({"dead-letters", "replay", "leads", "0190a000-0000-7000-8000-000000000002"}), 0);
  EXPECT_EQ(cli.gateway.requests.back().target, "/v1/services/leads/dead-letters/0190a000-0000-7000-8000-000000000002:replay");
  EXPECT_EQ(HeaderOf(cli.gateway.requests.back(), "Idempotency-Key").size(), 32U);
  EXPECT_EQ(cli.Run({"dead-letters", "discard", "leads", "0190a000-0000-7000-8000-000000000002"}), 2);
  EXPECT_EQ(cli.Run({"dead-letters", "discard", "leads", "0190a000-0000-7000-8000-000000000002", "--reason", "a test"}), 0);
  EXPECT_EQ(cli.gateway.requests.back().target, "/v1/services/leads/dead-letters/0190a000-0000-7000-8000-000000000002:discard");
  EXPECT_EQ(cli.gateway.requests.back().body, R"({"service":"leads","id":"0190a000-0000-7000-8000-000000000002","reason":"a test"})");
}

TEST(FailedTimers, AreListedAndRetried) {
  CliFixture cli;
  const std::string timer = R"({"kind":"points_expiry","key":"c1","attempts":"100","failure":"never","failed_at":"2026-05-01T00:00:00Z"})";
  cli.gateway.answer = [&](const HttpRequest& request) -> HttpReply {
    if (request.method == "POST") return {.status = 200, .body = timer};
    return {.status = 200,
            .body = request.target == "/v1/services/membership/failed-timers?page_size=200" ? R"({"timers":[)" + timer + "]}" : "{}"};
  };
  EXPECT_EQ(cli.Run({"failed-timers", "list"}), 0);
  EXPECT_THAT(cli.out, HasSubstr("points_expiry"));
  EXPECT_THAT(cli.out, HasSubstr("never"));
  EXPECT_EQ(cli.Run({"failed-timers", "list", "--service", "identity"}), 0);
  EXPECT_EQ(cli.out, "no timer was given up\n");
  EXPECT_EQ(cli.Run({"failed-timers", "retry", "membership"}), 2);
  EXPECT_EQ(cli.Run({"failed-timers", "retry", "membership", "points_expiry", "c1"}), 0);
  EXPECT_EQ(cli.gateway.requests.back().target, "/v1/services/membership/failed-timers:retry");
  EXPECT_EQ(cli.gateway.requests.back().body, R"({"service":"membership","kind":"points_expiry","key":"c1"})");
}

TEST(Doctor, WalksAllPagesOfEveryServiceAndEndsWithOneWhenAnythingIsFound) {
  CliFixture cli;
  cli.gateway.answer = [&](const HttpRequest& request) -> HttpReply {
    if (request.target == "/v1/services/leads/findings?page_size=200")
      return {.status = 200, .body = R"({"rows":"2000","next_page_token":"customers:c 1"})"};
    if (request.target == "/v1/services/leads/findings?page_size=200&page_token=customers%3ac%201") {
      return {.status = 200,
              .body = R"({"rows":"12","findings":[{"record":"customer","id":"c2","rule":"G4","what":"phone: is no \u001b[2J number"}]})"};
    }
    return {.status = 200, .body = R"({"rows":"1"})"};
  };
  EXPECT_EQ(cli.Run({"doctor"}), 1);
  EXPECT_THAT(cli.out, testing::ContainsRegex("leads +customer +c2 +G4 +phone: is no ..2J number"));
  EXPECT_THAT(cli.out, HasSubstr("1 finding in 2017 rows\n"));
  EXPECT_EQ(cli.Run({"doctor", "--json"}), 1);
  EXPECT_THAT(cli.out, HasSubstr(R"("service":"leads")"));
  EXPECT_EQ(cli.Run({"doctor", "--service", "identity"}), 0);
  EXPECT_EQ(cli.out, "0 findings in 1 rows\n");
  EXPECT_EQ(cli.Run({"doctor", "--service", "identity", "--json"}), 0);
  EXPECT_EQ(cli.out, "{\"findings\":[],\"rows\":1}\n");
  cli.gateway.answer = [](const HttpRequest&) { return HttpReply{.status = 403, .body = R"({"title":"Not allowed"})"}; };
  EXPECT_EQ(cli.Run({"doctor"}), 1);
  EXPECT_THAT(cli.out, IsEmpty());
  EXPECT_THAT(cli.err, HasSubstr("Not allowed"));
}

TEST(Period, EveryPageIsListed) {
  CliFixture cli;
  cli.gateway.answer = [](const HttpRequest& request) -> HttpReply {
    if (request.target == "/v1/periods?page_size=200")
      return {.status = 200, .body = R"({"periods":[{"period":"2011-02","state":"PERIOD_STATE_OPEN"}],"next_page_token":"p 2"})"};
    if (request.target == "/v1/periods?page_size=200&page_token=p%202")
      return {.status = 200, .body = R"({"periods":[{"period":"2011-01","state":"PERIOD_STATE_LOCKED"}]})"};
    return {.status = 404, .body = R"({"title":"Not found"})"};
  };
  EXPECT_EQ(cli.Run({"period", "list"}), 0) << cli.err;
  EXPECT_THAT(cli.out, testing::AllOf(HasSubstr("2011-02"), HasSubstr("2011-01")));
}

TEST(Period, LockPostsOnceAndWaitsForItsOperation) {
  CliFixture cli;
  int looks = 0;
  cli.gateway.answer = [&](const HttpRequest& request) -> HttpReply {
    if (request.target == "/v1/periods/2011-01:lock")
      return {.status = 202, .body = R"({"id":"commissions.1","state":"OPERATION_STATE_RUNNING","percent":0})"};
    if (request.target == "/v1/periods/2011-01")
      return {.status = 200, .body = R"({"period":"2011-01","state":"PERIOD_STATE_LOCKED","statements":"7"})"};
    const char* state = ++looks > 1 ? "DONE" : "RUNNING";
    return {.status = 200, .body = std::string(R"({"id":"commissions.1","state":"OPERATION_STATE_)") + state + R"(","percent":50})"};
  };
  EXPECT_EQ(cli.Run({"period", "lock", "2011-01"}), 0) << cli.err;
  EXPECT_EQ(cli.gateway.requests.front().target, "/v1/periods/2011-01:lock");
  EXPECT_EQ(cli.gateway.requests.front().body, R"({"period":"2011-01"})");
  EXPECT_EQ(looks, 2);
  EXPECT_THAT(cli.out, HasSubstr("locked 已锁定"));
}

TEST(Period, ALockThatFailsSaysWhatStandsInTheWay) {
  CliFixture cli;
  cli.gateway.answer = [&](const HttpRequest&) {
    return HttpReply{.status = 202,
                     .body = R"({"id":"commissions.1","state":"OPERATION_STATE_FAILED","failure":{"message":"C13: not yet",)"
                             R"("errors":[{"field":"leads","message":"1 imports are under way"}]}})"};
  };
  EXPECT_EQ(cli.Run({"period", "lock", "2011-01"}), 1);
  EXPECT_THAT(cli.err, HasSubstr("ended as failed: C13: not yet"));
  EXPECT_THAT(cli.err + cli.out, HasSubstr("leads: 1 imports are under way"));
}

TEST(Period, TheFirstOneIsSetWithAReason) {
  CliFixture cli;
  cli.gateway.answer = [](const HttpRequest&) { return HttpReply{.status = 200, .body = R"({"period":"2011-01"})"}; };
  EXPECT_EQ(cli.Run({"period", "first", "2011-01"}), 2) << "the reason is asked for";
  EXPECT_EQ(cli.Run({"period", "first", "2011-01", "--reason", "we begin"}), 0);
  EXPECT_EQ(cli.gateway.requests.back().target, "/v1/periods:setFirst");
  EXPECT_EQ(cli.gateway.requests.back().body, R"({"period":"2011-01","reason":"we begin"})");
}

}  // namespace
}  // namespace renxin::cli
