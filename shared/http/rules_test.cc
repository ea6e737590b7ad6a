#include "shared/http/rules.h"

#include <gtest/gtest.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "shared/http/problem.h"

namespace renxin::http {
namespace {

namespace beast_http = boost::beast::http;

// What Beast and the rules make of a head; `Beast` when Beast refuses already.
std::string Check(const std::string& raw, Head* out = nullptr) {
  beast_http::request_parser<beast_http::empty_body> parser;
  boost::system::error_code ec;
  parser.header_limit(16 * 1024);
  parser.put(boost::asio::buffer(raw), ec);
  if (ec || !parser.is_header_done()) {
    return "Beast";
  }
  auto head = CheckHead(raw, parser.get(), {.allowed_hosts = {"x", "127.0.0.1:8443"}});
  if (!head) {
    return head.error().message;
  }
  if (out != nullptr) {
    *out = *head;
  }
  return "";
}

TEST(Rules, TakenAndCopied) {
  Head head;
  ASSERT_EQ(
      Check(
          "POST /v1/a%20b?x=1&y=%2f HTTP/1.1\r\nHost: X\r\nContent-Length: 5\r\nX-User-Id: me\r\nX-Internal-A: 1\r\nRenxin-Principal: x\r\n"
          "Renxin-Timeout-Ms: 50\r\nRenxin-Console: 1\r\nAccept: */*\r\nExpect: 100-continue\r\n\r\n",
          &head),
      "");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/v1/a%20b");
  EXPECT_EQ(head.query, "x=1&y=%2f");
  EXPECT_EQ(head.content_length, 5U);
  EXPECT_TRUE(head.keep_alive && head.expects_continue && head.HasBody() && !head.chunked);
  EXPECT_EQ(head.Find("renxin-timeout-ms"), "50");
  EXPECT_EQ(head.Find("renxin-console"), "1");
  EXPECT_EQ(head.Find("accept"), "*/*");
  for (const char* dropped : {"x-user-id", "x-internal-a", "renxin-principal"}) {
    EXPECT_EQ(head.Find(dropped), "");
  }
  ASSERT_EQ(Check("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\tChunked\r\nConnection: close\r\n\r\n", &head), "");
  EXPECT_TRUE(head.chunked && !head.keep_alive);
  ASSERT_EQ(Check("GET / HTTP/1.0\r\nHost: x\r\n\r\n", &head), "");
  EXPECT_FALSE(head.keep_alive);
}

TEST(Rules, Refused) {
  const std::string cases[] = {
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nRenxin-Console: 1\r\nRenxin-Console: 1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: evil\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x:1\r\n\r\n",
      "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a%2Fb HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a%5Cb HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a%2e%2E/ HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /" + std::string(2048, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n",
      "OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n",
      "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n",
      "DELETE / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTrailer: X-Role\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\t2\r\n\r\n",
  };
  for (const auto& raw : cases) {
    EXPECT_NE(Check(raw), "") << raw.substr(0, 200);
  }
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 63; ++i) {
    many += "X-A: 1\r\n";
  }
  EXPECT_EQ(Check(many + "\r\n"), "");
  EXPECT_NE(Check(many + "X-A: 1\r\n\r\n"), "");
}

TEST(Rules, ContentTypes) {
  EXPECT_TRUE(IsJsonType("application/json"));
  EXPECT_TRUE(IsJsonType("Application/JSON; charset=UTF-8"));
  for (const char* bad : {"", "text/json", "application/json; charset=gbk", "application/jsonx", "application/json; a=b; c=d"}) {
    EXPECT_FALSE(IsJsonType(bad)) << bad;
  }
  EXPECT_EQ(MultipartBoundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(MultipartBoundary("multipart/form-data; boundary=\"a b\""), "");
  EXPECT_EQ(MultipartBoundary("multipart/form-data; boundary=\"ab\""), "ab");
  EXPECT_EQ(MultipartBoundary("multipart/form-data"), "");
  EXPECT_EQ(MultipartBoundary("multipart/mixed; boundary=abc"), "");
  EXPECT_EQ(MultipartBoundary("multipart/form-data; boundary=" + std::string(71, 'a')), "");
}

TEST(Problem, HasTheMembersOfRfc9457AndOurs) {
  EXPECT_EQ(
      ProblemBody(InvalidField("lines[0].amount", "gte", "too \"small\""), "", "ab12"),
      R"({"type":"/problems/invalid-field","title":"A field of the request is wrong","status":400,)"
      R"("detail":"lines[0].amount: too \"small\"","instance":"urn:renxin:trace:ab12","code":"INVALID_ARGUMENT","reason":"invalid-field",)"
      R"("errors":[{"field":"lines[0].amount","rule":"gte","message":"too \"small\""}],"trace_id":"ab12"})");
  EXPECT_NE(ProblemPage("invalid-field"), "");
  EXPECT_EQ(ProblemPage("nothing"), "");
}

}  // namespace
}  // namespace renxin::http
