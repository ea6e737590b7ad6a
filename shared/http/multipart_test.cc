#include "shared/http/multipart.h"

#include <gtest/gtest.h>

namespace renxin::http {
namespace {

std::string Field(const std::string& name, const std::string& value) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}
std::string File(const std::string& content) {
  return "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\nContent-Type: text/csv\r\n\r\n" + content + "\r\n";
}

struct Outcome {
  std::string text;
  Reason reason = Reason::kUnspecified;
};

Outcome Parse(const std::string& body, std::size_t step) {
  MultipartParser parser("B");
  std::string file;
  for (std::size_t i = 0; i < body.size(); i += step) {
    if (const auto status = parser.Push(std::string_view(body).substr(i, step)); !status) {
      return {status.error().message, status.error().reason};
    }
    file += parser.file_data();
    parser.file_data().clear();
  }
  if (const auto status = parser.Finish(); !status) {
    return {status.error().message, status.error().reason};
  }
  std::string text;
  for (const auto& [name, value] : parser.fields()) {
    text += name + "=" + value + ";";
  }
  return {text + parser.file_name() + "=" + file};
}

TEST(Multipart, TheSameInPiecesOfAnySize) {
  const std::string tricky = "a\r\n--\r\n--C\r\n-\r\n--" + std::string(1, '\0') + "\r\n";
  const struct {
    std::string body;
    std::string want;
  } cases[] = {
      {Field("kind", "tea") + Field("note", "李 x") + File("a,b\r\n1,2") + "--B--\r\n", "kind=tea;note=李 x;x.csv=a,b\r\n1,2"},
      {File("") + "--B--", "x.csv="},
      {Field("empty", "") + File("x") + "--B--\r\n", "empty=;x.csv=x"},
      {File(tricky) + "--B--\r\n", "x.csv=" + tricky},
  };
  for (const auto& c : cases) {
    for (const std::size_t step : {1U, 2U, 3U, 7U, 64U, 1000U}) {
      EXPECT_EQ(Parse(c.body, step).text, c.want) << step;
    }
  }
}

TEST(Multipart, RefusesEverythingElse) {
  const std::string cases[] = {
      "",
      "x" + File("a") + "--B--",
      "--C\r\n\r\n",
      Field("a", "1") + "--B--",
      File("a"),
      File("a") + File("b") + "--B--",
      File("a") + Field("b", "1") + "--B--",
      Field("a", "1") + Field("a", "2") + File("x") + "--B--",
      File("a") + "--B--\r\nmore",
      "--B \r\n",
      "--B\r\n\r\nx\r\n--B--",
      "--B\r\nContent-Type: text/csv\r\n\r\nx\r\n--B--",
      "--B\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--B--",
      "--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--B--",
      "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"x\"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--B--",
      "--B\r\n" + std::string(5000, 'h'),
      Field("a", "\xff") + File("x") + "--B--",
  };
  for (const auto& body : cases) {
    for (const std::size_t step : {1U, 1000U}) {
      EXPECT_EQ(Parse(body, step).reason, Reason::kMalformedRequest) << body.substr(0, 200);
    }
  }
  EXPECT_EQ(Parse(Field("a", std::string(20'000, 'x')) + File("x") + "--B--", 1000).reason, Reason::kBodyTooLarge);
}

TEST(Multipart, MemoryStaysFlat) {
  MultipartParser parser("B");
  ASSERT_TRUE(parser.Push("--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n"));
  EXPECT_TRUE(parser.file_started());
  const std::string block(65'536, 'x');
  std::size_t total = 0;
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(parser.Push(block));
    EXPECT_LE(parser.file_data().size(), block.size() + 16);
    total += parser.file_data().size();
    parser.file_data().clear();
  }
  ASSERT_TRUE(parser.Push("\r\n--B--\r\n"));
  ASSERT_TRUE(parser.Finish());
  EXPECT_EQ(total + parser.file_data().size(), 200 * block.size());
}

}  // namespace
}  // namespace renxin::http
