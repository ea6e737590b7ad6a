#include "services/gateway/condition/condition.h"

#include <gtest/gtest.h>

#include "services/gateway/testing/harness.h"

namespace renxin::gateway {
namespace {

// A request's head with this header, or with none.
http::Head With(const char* name, const char* value) {
  http::Head head;
  if (value != nullptr) {
    head.headers.emplace_back(name, value);
  }
  return head;
}

TEST(Condition, IfMatchIsOneVersionOrAStar) {
  const struct {
    const char* value;
    const char* want;  // nullptr: refused
  } cases[] = {
      {nullptr, ""},
      {"\"1\"", "1"},
      {" \"42\"\t", "42"},
      {"*", "*"},
      {"\"999999999999999999\"", "999999999999999999"},
      {"\"1000000000000000000\"", nullptr},
      {"", nullptr},
      {"\"\"", nullptr},
      {"\"", nullptr},
      {"1", nullptr},
      {"\"1", nullptr},
      {"W/\"1\"", nullptr},
      {"\"1\", \"2\"", nullptr},
      {"\"0\"", nullptr},
      {"\"01\"", nullptr},
      {"\"-1\"", nullptr},
      {"\"1x\"", nullptr},
      {"**", nullptr},
  };
  for (const auto& c : cases) {
    const auto got = IfMatchOf(With("if-match", c.value), true);
    const char* shown = c.value == nullptr ? "(none)" : c.value;
    ASSERT_EQ(got.ok(), c.want != nullptr) << shown;
    if (got) {
      EXPECT_EQ(*got, c.want) << shown;
    } else {
      EXPECT_EQ(got.error().fields.at(0).rule, "format") << shown;
    }
  }
}

TEST(Condition, WhereNobodyComparesItIsRefused) {
  for (const char* value : {"\"1\"", "*", "", "x"}) {
    const auto got = IfMatchOf(With("if-match", value), false);
    ASSERT_FALSE(got) << value;
    EXPECT_EQ(got.error().fields.at(0).rule, "unsupported");
  }
  EXPECT_TRUE(IfMatchOf(With("if-match", nullptr), false));
}

TEST(Condition, IfNoneMatchNamesAnyOfItsTags) {
  const struct {
    const char* value;
    bool named;
  } cases[] = {{nullptr, false},         {"\"7\"", true}, {"W/\"7\"", true}, {"\"6\", \"7\"", true}, {"*", true}, {"\"6\"", false},
               {"\"6\",W/\"8\"", false}, {"7", false},    {"", false},       {"\"77\"", false}};
  for (const auto& c : cases) {
    EXPECT_EQ(NamedByIfNoneMatch(With("if-none-match", c.value), EntityTag(7)), c.named) << (c.value == nullptr ? "(none)" : c.value);
  }
}

class ConditionTest : public testing::Test {
 protected:
  void AnswerWithVersion(const std::string& method, const std::string& version) {
    const auto* thing = harness_.contract().pool->FindMessageTypeByName("renxin.things.v1.Thing");
    const auto bytes =
        (*harness_.transcoder().FromJson(thing, R"({"id":"a","name":"x","version":")" + version + "\"}"))->SerializeAsString();
    harness_.bus().On("rpc.renxin.things.v1.ThingService." + method, [bytes](const ReceivedCall&) { return Good(bytes); });
  }
  Harness harness_;
};

TEST_F(ConditionTest, AGetSaysTheVersionAndSparesTheBody) {
  AnswerWithVersion("Read", "7");
  const auto whole = harness_.SendAs("GET", "/v1/things/a");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.headers.at("etag"), "\"7\"");
  const auto spared = harness_.SendAs("GET", "/v1/things/a", "", "If-None-Match: \"7\"\r\n");
  EXPECT_EQ(spared.status, 304);
  EXPECT_EQ(spared.body, "");
  EXPECT_EQ(spared.headers.at("etag"), "\"7\"");
  EXPECT_EQ(spared.headers.count("content-type"), 0U);
  EXPECT_EQ(spared.headers.count("content-length"), 0U);
  const auto newer = harness_.SendAs("GET", "/v1/things/a", "", "If-None-Match: \"6\"\r\n");
  EXPECT_EQ(newer.status, 200);
  EXPECT_EQ(newer.body, whole.body);
  // Without a version, or with a field of that name that is none, there is no tag.
  AnswerWithVersion("Read", "0");
  EXPECT_EQ(harness_.SendAs("GET", "/v1/things/a").headers.count("etag"), 0U);
  const auto* page = harness_.contract().pool->FindMessageTypeByName("renxin.things.v1.Page");
  const auto bytes = (*harness_.transcoder().FromJson(page, R"({"version":"7"})"))->SerializeAsString();
  harness_.bus().On("rpc.renxin.things.v1.ThingService.ReadPage", [bytes](const ReceivedCall&) { return Good(bytes); });
  EXPECT_EQ(harness_.SendAs("GET", "/v1/things/a/page", "", "If-None-Match: *\r\n").status, 200);
}

TEST_F(ConditionTest, TheNextRequestOnAConnectionThatGotA304IsServed) {
  AnswerWithVersion("Read", "7");
  TlsClient client(harness_.port());
  const std::string head = "GET /v1/things/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + harness_.Token() + "\r\n";
  client.Send(head + "If-None-Match: *\r\n\r\n");
  EXPECT_EQ(client.Read().status, 304);
  client.Send(head + "\r\n");
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(ConditionTest, ACommandCarriesTheVersionToItsService) {
  AnswerWithVersion("Change", "8");
  AnswerWithVersion("Create", "1");
  const std::string body = R"({"name":"x"})";
  const auto forwarded = [&](const std::string& headers) {
    harness_.bus().Clear();
    const auto answer = harness_.SendAs("PATCH", "/v1/things/a", body, headers);
    const auto received = harness_.bus().received();
    return std::to_string(answer.status) + " " +
           (received.empty() ? "-" : std::string(bus::FindHeader(received[0].headers, "Renxin-If-Match")));
  };
  EXPECT_EQ(forwarded(""), "200 ");
  EXPECT_EQ(forwarded("If-Match: \"7\"\r\n"), "200 7");
  EXPECT_EQ(forwarded("If-Match: *\r\n"), "200 *");
  EXPECT_EQ(forwarded("If-Match: 7\r\n"), "400 -");
  EXPECT_EQ(forwarded("If-Match: \"7\"\r\nIf-Match: \"8\"\r\n"), "400 -");
  EXPECT_EQ(forwarded("Renxin-If-Match: 7\r\n"), "200 ") << "a client cannot write our own headers";
  const auto nowhere = harness_.SendAs("POST", "/v1/things", body, "If-Match: \"7\"\r\n");
  EXPECT_EQ(nowhere.status, 400);
  EXPECT_NE(nowhere.body.find("If-Match is not supported here"), std::string::npos);
  EXPECT_EQ(harness_.SendAs("GET", "/v1/things/a", "", "If-Match: \"7\"\r\n").status, 400);
  Error error;
  error.code = Code::kPreconditionFailed;
  error.reason = Reason::kVersionMismatch;
  error.message = "the record is at version 9";
  harness_.bus().On("rpc.renxin.things.v1.ThingService.Change", [error](const ReceivedCall&) { return Bad(error); });
  const auto refused = harness_.SendAs("PATCH", "/v1/things/a", body, "If-Match: \"7\"\r\n");
  EXPECT_EQ(refused.status, 412);
  EXPECT_NE(refused.body.find("the record is at version 9"), std::string::npos);
  EXPECT_NE(refused.body.find("PRECONDITION_FAILED"), std::string::npos);
}

}  // namespace
}  // namespace renxin::gateway
