#include "services/gateway/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <boost/json/parse.hpp>

#include <ctime>
#include <future>

#include "renxin/common/v1/common.pb.h"
#include "services/gateway/testing/harness.h"
#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

using testing::HasSubstr;

constexpr const char* kSubject = "rpc.renxin.things.v1.ThingService.";

// The members of a problem body that say what is wrong; `trace_id` and `instance` are checked here.
std::string Problem(const HttpAnswer& answer) {
  boost::system::error_code ec;
  const auto body = boost::json::parse(answer.body, ec);
  if (ec || answer.headers.at("content-type") != "application/problem+json") {
    return "no problem: " + answer.body;
  }
  EXPECT_EQ(body.at("trace_id").as_string(), answer.headers.at("trace-id"));
  EXPECT_EQ(body.at("instance").as_string(), "urn:renxin:trace:" + answer.headers.at("trace-id"));
  EXPECT_EQ(body.at("status").as_int64(), answer.status);
  EXPECT_EQ(body.at("type").as_string(), "/problems/" + std::string(body.at("reason").as_string()));
  std::string text = std::to_string(answer.status) + " " + std::string(body.at("reason").as_string());
  for (const auto& error : body.at("errors").as_array()) {
    text += " " + std::string(error.at("field").as_string()) + ":" + std::string(error.at("rule").as_string());
  }
  return text;
}

class GatewayTest : public testing::Test {
 protected:
  // A service that answers with the very thing it was given.
  void Echo(const std::string& method) {
    harness_.bus().On(kSubject + method, [](const ReceivedCall& received) { return Good(received.body); });
  }
  void Fail(const std::string& method, const Error& error) {
    harness_.bus().On(kSubject + method, [error](const ReceivedCall&) { return Bad(error); });
  }
  Harness harness_;
};

TEST_F(GatewayTest, TranscodesThereAndBack) {
  Echo("Create");
  const auto answer =
      harness_.SendAs("POST", "/v1/things", R"({"name":"茶","weight_g":"7"})", "X-User-Id: root\r\nRenxin-Principal: eHg=\r\n");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"id":"","name":"茶","colour":"COLOUR_UNSPECIFIED","parts":[],"weight_g":"7","version":"0"})");
  const auto received = harness_.bus().received();
  ASSERT_EQ(received.size(), 1U);
  common::v1::Principal principal;
  ASSERT_TRUE(principal.ParseFromString(*FromBase64(bus::FindHeader(received[0].headers, "Renxin-Principal"))));
  EXPECT_EQ(principal.account_id(), "acc-1");
  EXPECT_EQ(principal.staff_id(), "st-1");
  EXPECT_EQ(principal.username(), "李");
  EXPECT_EQ(principal.roles(0), "admin");
  EXPECT_TRUE(bus::FindHeader(received[0].headers, "Idempotency-Key").starts_with("gw-"));
  EXPECT_THAT(std::string(bus::FindHeader(received[0].headers, "traceparent")), HasSubstr(answer.headers.at("trace-id")));
  EXPECT_LE(std::stoi(std::string(bus::FindHeader(received[0].headers, "Renxin-Deadline-Ms"))), 10'000);
  EXPECT_GT(received[0].timeout.count(), 9'000);
}

TEST_F(GatewayTest, HeadersOfEveryAnswer) {
  const auto answer = harness_.Send("GET", "/nothing");
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
  EXPECT_THAT(answer.headers.at("strict-transport-security"), HasSubstr("max-age="));
  EXPECT_EQ(answer.headers.count("server"), 0U);
  EXPECT_EQ(answer.headers.at("trace-id").size(), 32U);
  const auto traced = harness_.Send("GET", "/nothing", "", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n");
  EXPECT_EQ(traced.headers.at("trace-id"), "0af7651916cd43dd8448eb211c80319c");
}

TEST_F(GatewayTest, Routes) {
  Echo("Read");
  Echo("Remove");
  EXPECT_EQ(harness_.SendAs("GET", "/v1/things/%E8%8C%B6").status, 200);
  const auto removed = harness_.SendAs("DELETE", "/v1/things/a");
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.body, "");
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/nothing")), "404 unknown-route");
  const auto wrong = harness_.SendAs("PUT", "/v1/things");
  EXPECT_EQ(Problem(wrong), "405 unknown-route");
  EXPECT_EQ(wrong.headers.at("allow"), "GET, POST");
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/things/123456789")), "400 invalid-field id:max_len");
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/things/a:nothing")), "404 unknown-route");
}

TEST_F(GatewayTest, QueryParameters) {
  harness_.bus().On(std::string(kSubject) + "List", [](const ReceivedCall&) { return Good(); });
  EXPECT_EQ(harness_.SendAs("GET", "/v1/things?colour=COLOUR_RED&tags=a&tags=b&limit=5&deep=true").body, R"({"things":[]})");
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/things?nothing=1")), "400 invalid-field nothing:unknown");
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/things?limit=1&limit=2")), "400 invalid-field limit:once");
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/things?limit=201")), "400 invalid-field limit:lte");
  EXPECT_EQ(Problem(harness_.SendAs("POST", "/v1/things?name=x", R"({"name":"x"})")), "400 invalid-field ?:unknown");
}

TEST_F(GatewayTest, BodiesAreStrict) {
  Echo("Change");
  EXPECT_EQ(harness_.SendAs("PATCH", "/v1/things/a", R"({"name":"x"})").status, 200);
  EXPECT_EQ(harness_.SendAs("PATCH", "/v1/things/a", R"({"id":"a","name":"x"})").status, 200);
  const struct {
    const char* body;
    const char* want;
  } cases[] = {
      {R"({"id":"b","name":"x"})", "400 invalid-field id:path"},
      {R"({"name":"x","name":"y"})", "400 malformed-json"},
      {R"({"name":"x",})", "400 malformed-json"},
      {R"({name:"x"})", "400 malformed-json"},
      {R"(["x"])", "400 malformed-json"},
      {"{\"name\":\"\xff\"}", "400 malformed-json"},
      {R"({"name":"x","weight_g":1e400})", "400 malformed-json"},
      {R"({"name":"x","nothing":1})", "400 invalid-field nothing:unknown"},
      {R"({"name":"x","parts":[{},{"amount":"-1"}]})", "400 invalid-field parts[1].amount:gte"},
      {R"({"name":"x","colour":77})", "400 invalid-field colour:enum"},
      {R"({})", "400 invalid-field name:required"},
  };
  harness_.bus().Clear();
  for (const auto& c : cases) {
    EXPECT_EQ(Problem(harness_.SendAs("PATCH", "/v1/things/a", c.body)), c.want) << c.body;
  }
  EXPECT_EQ(Problem(harness_.SendAs("PATCH", "/v1/things/a", "name=x", "", "application/x-www-form-urlencoded")), "415 wrong-media-type");
  EXPECT_TRUE(harness_.bus().received().empty());
}

TEST_F(GatewayTest, TenMegabytesOfJsonAre413) {
  const std::string body = R"({"name":")" + std::string(10 << 20, 'x') + "\"}";
  const auto answer = harness_.SendAs("POST", "/v1/things", body);
  EXPECT_EQ(Problem(answer), "413 body-too-large");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  // The same without a length, and by a client that asks first.
  TlsClient chunked(harness_.port());
  chunked.Send("POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer " + harness_.Token() +
               "\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 6; ++i) {
    chunked.Send("10000\r\n" + std::string(65'536, ' ') + "\r\n");
  }
  EXPECT_EQ(Problem(chunked.Read()), "413 body-too-large");
  TlsClient polite(harness_.port());
  polite.Send("POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer " + harness_.Token() +
              "\r\nContent-Length: 10485760\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(Problem(polite.Read()), "413 body-too-large");
}

TEST_F(GatewayTest, FortyKilobytesOfNestedArraysAre400AndCheap) {
  const std::string body = R"({"name":"x","parts":)" + std::string(20'000, '[') + std::string(20'000, ']') + "}";
  const std::clock_t start = std::clock();
  EXPECT_EQ(Problem(harness_.SendAs("POST", "/v1/things", body)), "400 malformed-json");
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 0.1);  // both sides and two handshakes
}

TEST_F(GatewayTest, TokensThatAreNoneOfOurs) {
  Echo("Create");
  const std::string body = R"({"name":"x"})";
  const auto with = [&](const std::string& token) {
    return harness_.Send("POST", "/v1/things", body, "Authorization: Bearer " + token + "\r\n");
  };
  privacy::Claims claims;
  claims.account_id = "a";
  claims.issued_at = claims.not_before = SystemNow().micros / 1'000'000;
  claims.expires_at = claims.issued_at + 600;
  claims.roles = {"admin"};
  const std::string mine = harness_.Token();
  const std::string payload = mine.substr(mine.find('.'));
  const struct {
    const char* name;
    std::string token;
    const char* reason;
    const char* detail;
  } cases[] = {
      {"yesterday", harness_.Token({"admin"}, 86'400), "token-expired", "the token has expired"},
      {"another key, our kid", privacy::SignToken(claims, privacy::NewSigningKey("k1")), "bad-token", "the token's signature is wrong"},
      {"another key, its own kid", privacy::SignToken(claims, privacy::NewSigningKey("k2")), "bad-token",
       "the token's header or key is not ours"},
      {"alg none", ToBase64Url(R"({"alg":"none","kid":"k1","typ":"JWT"})") + payload, "bad-token", "the token's header or key is not ours"},
      {"alg none, unsigned", ToBase64Url(R"({"alg":"none","typ":"JWT"})") + payload.substr(0, payload.rfind('.') + 1), "bad-token",
       "the token's header or key is not ours"},
      {"rubbish", "x", "bad-token", "the token has not the shape of one"},
  };
  for (const auto& c : cases) {
    const auto answer = with(c.token);
    const std::string title = std::string(c.reason) == "bad-token" ? "The token is not valid" : "The token has expired";
    const std::string trace = answer.headers.at("trace-id");
    EXPECT_EQ(answer.status, 401) << c.name;
    EXPECT_EQ(answer.headers.at("www-authenticate"), "Bearer");
    EXPECT_EQ(answer.body, R"({"type":"/problems/)" + std::string(c.reason) + R"(","title":")" + title + R"(","status":401,"detail":")" +
                               c.detail + R"(","instance":"urn:renxin:trace:)" + trace + R"(","code":"UNAUTHENTICATED","reason":")" +
                               c.reason + R"(","errors":[],"trace_id":")" + trace + "\"}")
        << c.name;
  }
  EXPECT_EQ(Problem(harness_.Send("POST", "/v1/things", body)), "401 no-token");
  EXPECT_EQ(Problem(harness_.Send("POST", "/v1/things", body, "Authorization: Basic eDp5\r\n")), "401 bad-token");
  EXPECT_EQ(Problem(with(harness_.Token({"other"}))), "403 role-missing");
  EXPECT_EQ(with(harness_.Token({"maker"})).status, 201);
  EXPECT_EQ(harness_.bus().received().size(), 1U);
}

TEST_F(GatewayTest, IdempotencyKeys) {
  Echo("Create");
  Echo("Read");
  EXPECT_EQ(harness_.SendAs("POST", "/v1/things", R"({"name":"x"})", "Idempotency-Key: my-key#1\r\n").status, 201);
  EXPECT_EQ(harness_.SendAs("GET", "/v1/things/a", "", "Idempotency-Key: my-key\r\n").status, 200);
  const auto received = harness_.bus().received();
  ASSERT_EQ(received.size(), 2U);
  EXPECT_EQ(bus::FindHeader(received[0].headers, "Idempotency-Key"), "my-key#1");
  EXPECT_EQ(bus::FindHeader(received[1].headers, "Idempotency-Key"), "");
  for (const std::string& key : {std::string(256, 'k'), std::string("a b"), std::string("\xe8\x8c\xb6")}) {
    EXPECT_EQ(Problem(harness_.SendAs("POST", "/v1/things", R"({"name":"x"})", "Idempotency-Key: " + key + "\r\n")),
              "400 invalid-field Idempotency-Key:format");
  }
}

TEST_F(GatewayTest, RefusalsOfAServicePassAsTheyAre) {
  Fail("Create", RuleBroken("name", "R4", "no such name"));
  EXPECT_EQ(Problem(harness_.SendAs("POST", "/v1/things", R"({"name":"x"})")), "400 rule-broken name:R4");
  Fail("Create", NotFound("thing"));
  EXPECT_EQ(Problem(harness_.SendAs("POST", "/v1/things", R"({"name":"x"})")), "404 not-found");
  Error busy{.code = Code::kTooManyRequests, .reason = Reason::kOverloaded, .message = "full", .fields = {}, .retry_after_ms = 1'500};
  Fail("Create", busy);
  const auto full = harness_.SendAs("POST", "/v1/things", R"({"name":"x"})");
  EXPECT_EQ(Problem(full), "429 overloaded");
  EXPECT_EQ(full.headers.at("retry-after"), "2");
  harness_.bus().On(std::string(kSubject) + "Create", [](const ReceivedCall&) {
    bus::Answer answer = Good("\xff\xff");
    return answer;
  });
  EXPECT_EQ(Problem(harness_.SendAs("POST", "/v1/things", R"({"name":"x"})")), "500 internal");
}

TEST_F(GatewayTest, NobodyThereIs503AtOnce) {
  harness_.bus().On(std::string(kSubject) + "Read",
                    [](const ReceivedCall&) { return bus::Answer{.outcome = bus::Outcome::kTimeout, .message = {}}; });
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/things/a")), "504 deadline-exceeded");
  const auto nobody = harness_.SendAs("GET", "/v1/things");
  EXPECT_EQ(Problem(nobody), "503 service-unavailable");
  EXPECT_EQ(nobody.headers.at("retry-after"), "1");
  harness_.bus().up = false;
  const auto start = std::chrono::steady_clock::now();
  const auto away = harness_.SendAs("GET", "/v1/things");
  EXPECT_EQ(Problem(away), "503 service-unavailable");
  EXPECT_EQ(away.headers.count("retry-after"), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  harness_.bus().up = true;
  Echo("Read");
  EXPECT_EQ(harness_.SendAs("GET", "/v1/things/a").status, 200);
}

TEST_F(GatewayTest, TheClientMayShortenTheDeadline) {
  Echo("Read");
  EXPECT_EQ(harness_.SendAs("GET", "/v1/things/a", "", "Renxin-Timeout-Ms: 700\r\n").status, 200);
  EXPECT_EQ(harness_.SendAs("GET", "/v1/things/a", "", "Renxin-Timeout-Ms: 70000\r\n").status, 200);
  const auto received = harness_.bus().received();
  EXPECT_LE(received[0].timeout.count(), 700);
  EXPECT_LE(received[1].timeout.count(), 10'000);
  EXPECT_GT(received[1].timeout.count(), 9'000);
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/things/a", "", "Renxin-Timeout-Ms: 0\r\n")), "400 invalid-field Renxin-Timeout-Ms:gte");
}

TEST_F(GatewayTest, KeepAliveAnswersOneAfterTheOther) {
  Echo("Read");
  TlsClient client(harness_.port());
  const std::string head = "GET /v1/things/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + harness_.Token() + "\r\n";
  client.Send(head + "\r\n" + head + "\r\n");
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.Read().status, 200);
  client.Send(head + "Connection: close\r\n\r\n");
  const auto last = client.Read();
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_TRUE(client.Ended());
}

TEST_F(GatewayTest, PagesOfTheGatewayItself) {
  const auto openapi = harness_.Send("GET", "/openapi.json");
  EXPECT_EQ(openapi.status, 200);
  EXPECT_THAT(openapi.body, HasSubstr("\"openapi\":\"3.1.0\""));
  EXPECT_THAT(harness_.Send("GET", "/problems/invalid-field").body, HasSubstr("A field of the request is wrong"));
  EXPECT_EQ(Problem(harness_.Send("GET", "/problems/nothing")), "404 unknown-route");
  EXPECT_EQ(Problem(harness_.Send("POST", "/openapi.json")), "405 unknown-route");
  EXPECT_EQ(Problem(harness_.Send("GET", "/livez")), "404 unknown-route");
}

class UploadTest : public GatewayTest {
 protected:
  struct Staged {
    std::string begun;
    std::string data;
    std::vector<std::int64_t> offsets;
    std::vector<std::string> keys;
    std::int64_t size = -1;
    std::size_t largest = 0;
  };

  void SetUp() override {
    const std::string prefix = "rpc.renxin.west.v1.ParcelService.";
    harness_.bus().On(prefix + "Begin", [this](const ReceivedCall& received) {
      const auto* begin = harness_.contract().pool->FindMessageTypeByName("renxin.parcels.v1.BeginParcel");
      staged_.begun = harness_.transcoder().ToJson(begin, received.body);
      staged_.keys.emplace_back(bus::FindHeader(received.headers, "Idempotency-Key"));
      return Good(Message("Begun", R"({"upload_id":"u1"})"));
    });
    harness_.bus().On(prefix + "Append", [this](const ReceivedCall& received) {
      common::v1::Chunk chunk;
      EXPECT_TRUE(chunk.ParseFromString(received.body));
      unsigned char digest[SHA256_DIGEST_LENGTH];
      SHA256(reinterpret_cast<const unsigned char*>(chunk.data().data()), chunk.data().size(), digest);
      EXPECT_EQ(chunk.sha256(), ToHex({reinterpret_cast<const char*>(digest), sizeof digest}));
      EXPECT_EQ(chunk.offset(), static_cast<std::int64_t>(staged_.data.size()));
      EXPECT_EQ(chunk.upload_id(), "u1");
      staged_.offsets.push_back(chunk.offset());
      staged_.keys.emplace_back(bus::FindHeader(received.headers, "Idempotency-Key"));
      staged_.largest = std::max(staged_.largest, received.body.size());
      if (fail_at_ >= 0 && chunk.offset() >= fail_at_) {
        return Bad(WrongState("the upload has ended"));
      }
      staged_.data += chunk.data();
      return Good();
    });
    harness_.bus().On(prefix + "Finish", [this](const ReceivedCall& received) {
      common::v1::UploadRef ref;
      EXPECT_TRUE(ref.ParseFromString(received.body));
      staged_.size = ref.size();
      return Good(Message("Parcel", R"({"id":"west.1","size":")" + std::to_string(ref.size()) + "\"}"));
    });
  }

  std::string Message(const std::string& type, const std::string& json) {
    return (*harness_.transcoder().FromJson(harness_.contract().pool->FindMessageTypeByName("renxin.parcels.v1." + type), json))
        ->SerializeAsString();
  }
  static std::string Field(const std::string& name, const std::string& value) {
    return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  static std::string Form(const std::string& fields, const std::string& file) {
    return fields + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\n" + file + "\r\n--B--\r\n";
  }
  HttpAnswer Post(const std::string& body, const std::string& headers = "") {
    return harness_.SendAs("POST", "/v1/parcels", body, headers, "multipart/form-data; boundary=B");
  }

  Staged staged_;
  std::int64_t fail_at_ = -1;
};

TEST_F(UploadTest, StreamsToTheOwnerInChunks) {
  std::string file(1'000'000, '\0');
  for (std::size_t i = 0; i < file.size(); ++i) {
    file[i] = static_cast<char>(i * 7 + i / 251);
  }
  const auto answer =
      Post(Form(Field("kind", "salt") + Field("source", "s1") + Field("dry_run", "true"), file), "Idempotency-Key: up-1\r\n");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"id":"west.1","size":"1000000"})");
  EXPECT_EQ(staged_.begun, R"({"kind":"salt","source":"s1","dry_run":true})");
  EXPECT_EQ(staged_.data, file);
  EXPECT_EQ(staged_.size, 1'000'000);
  ASSERT_EQ(staged_.offsets.size(), 8U);
  EXPECT_EQ(staged_.offsets[1], 131'072);
  EXPECT_EQ(staged_.keys[0], "up-1");
  EXPECT_EQ(staged_.keys[1], "up-1#0");
  EXPECT_EQ(staged_.keys[2], "up-1#131072");
  EXPECT_LT(staged_.largest, 132'000U);
}

TEST_F(UploadTest, AnEmptyFileAndAChunkedBody) {
  EXPECT_EQ(Post(Form(Field("kind", "salt") + Field("source", "s"), "")).body, R"({"id":"west.1","size":"0"})");
  EXPECT_TRUE(staged_.offsets.empty());
  TlsClient client(harness_.port());
  client.Send("POST /v1/parcels HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nAuthorization: Bearer " +
              harness_.Token() + "\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  const std::string form = Form(Field("kind", "salt") + Field("source", "s"), "abc");
  for (const char byte : form) {
    client.Send(std::string("1\r\n") + byte + "\r\n");
  }
  client.Send("0\r\n\r\n");
  EXPECT_EQ(client.Read().body, R"({"id":"west.1","size":"3"})");
  EXPECT_EQ(staged_.data, "abc");
}

TEST_F(UploadTest, RefusedBeforeAnyByteIsStaged) {
  const std::string file(300'000, 'x');
  EXPECT_EQ(Problem(Post(Form(Field("kind", "gold") + Field("source", "s"), file))), "400 invalid-field kind:in");
  EXPECT_THAT(Post(Form(Field("kind", "gold") + Field("source", "s"), file)).body, HasSubstr("must be one of salt, silk, tea"));
  EXPECT_EQ(Problem(Post(Form(Field("kind", "salt"), file))), "400 invalid-field source:required");
  EXPECT_EQ(Problem(Post(Form(Field("kind", "salt") + Field("source", "s") + Field("nothing", "1"), file))),
            "400 invalid-field nothing:unknown");
  EXPECT_EQ(Problem(Post(Form(Field("kind", "salt") + Field("dry_run", "1"), file))), "400 invalid-field dry_run:type");
  EXPECT_EQ(Problem(Post("--C\r\n")), "400 malformed-request");
  EXPECT_EQ(Problem(Post(Field("kind", "salt") + "--B--\r\n")), "400 malformed-request");
  EXPECT_EQ(Problem(harness_.SendAs("POST", "/v1/parcels", "{}")), "415 wrong-media-type");
  EXPECT_EQ(Problem(Post(Form(Field("kind", "tea") + Field("source", "s"), file))), "503 service-unavailable");
  EXPECT_TRUE(staged_.offsets.empty());
  EXPECT_EQ(staged_.size, -1);
}

TEST_F(UploadTest, AServiceMayStopIt) {
  fail_at_ = 131'072;
  EXPECT_EQ(Problem(Post(Form(Field("kind", "salt") + Field("source", "s"), std::string(3'000'000, 'x')))), "409 wrong-state");
  EXPECT_EQ(staged_.offsets.size(), 2U);
  EXPECT_EQ(staged_.size, -1);
}

TEST_F(UploadTest, ThePrefixNamesTheService) {
  harness_.bus().On("rpc.renxin.east.v1.ParcelService.Read",
                    [this](const ReceivedCall&) { return Good(Message("Parcel", R"({"id":"east.7"})")); });
  EXPECT_EQ(harness_.SendAs("GET", "/v1/parcels/east.7").body, R"({"id":"east.7","size":"0"})");
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/parcels/north.7")), "404 not-found");
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/parcels/7")), "404 not-found");
}

TEST_F(UploadTest, DownloadsPageByPage) {
  harness_.bus().On("rpc.renxin.west.v1.ParcelService.Fetch", [this](const ReceivedCall& received) {
    const auto* type = harness_.contract().pool->FindMessageTypeByName("renxin.parcels.v1.FetchParcel");
    const auto request = boost::json::parse(harness_.transcoder().ToJson(type, received.body));
    const std::string token(request.at("page_token").as_string());
    if (request.at("id").as_string() == "west.broken" && token == "2") {
      return Bad(NotFound("page"));
    }
    if (request.at("id").as_string() == "west.none") {
      return Bad(NotFound("parcel"));
    }
    common::v1::BytesPage page;
    page.set_data("page" + token + "\n");
    page.set_next_page_token(token.empty() ? "1" : token == "1" ? "2" : "");
    return Good(page.SerializeAsString());
  });
  const auto answer = harness_.SendAs("GET", "/v1/parcels/west.1/content.csv");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, "page\npage1\npage2\n");
  EXPECT_EQ(answer.headers.at("content-type"), "text/csv");
  EXPECT_EQ(answer.headers.at("content-disposition"), "attachment; filename=\"content.csv\"");
  EXPECT_EQ(Problem(harness_.SendAs("GET", "/v1/parcels/west.none/content.csv")), "404 not-found");
  EXPECT_FALSE(harness_.SendAs("GET", "/v1/parcels/west.broken/content.csv").complete);
}

TEST(GatewayLimits, ConnectionsPerIpAreCapped) {
  Harness harness([](Limits* limits) { limits->connections_per_ip = 2; });
  TlsClient one(harness.port());
  TlsClient two(harness.port());
  EXPECT_ANY_THROW(TlsClient(harness.port()));
}

TEST(GatewayLimits, ASlowHeadIsCutOff) {
  Harness harness([](Limits* limits) { limits->header_timeout = std::chrono::seconds(1); });
  TlsClient client(harness.port());
  client.Send("GET / HT");
  const auto start = std::chrono::steady_clock::now();
  client.Read();
  EXPECT_TRUE(client.Ended());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

TEST(GatewayDrain, AnswersWhatIsUnderWayAndEndsWhatIsIdle) {
  Harness harness;
  std::promise<void> arrived;
  harness.bus().On(std::string(kSubject) + "Read", [&](const ReceivedCall& received) {
    arrived.set_value();
    return Good(received.body);
  });
  TlsClient idle(harness.port());
  idle.Send("GET /problems/internal HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(idle.Read().status, 200);
  TlsClient busy(harness.port());
  const std::string token = harness.Token();
  busy.Send("GET /v1/things/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n\r\n");
  arrived.get_future().wait();
  std::promise<void> drained;
  harness.Drain([&] { drained.set_value(); });
  EXPECT_EQ(busy.Read().status, 200);
  EXPECT_TRUE(idle.Ended());
  EXPECT_TRUE(busy.Ended());
  EXPECT_EQ(drained.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_ANY_THROW(TlsClient(harness.port()));
}

}  // namespace
}  // namespace renxin::gateway
