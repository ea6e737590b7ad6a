#include "shared/http/template.h"

#include <gtest/gtest.h>

#include "shared/http/query.h"

namespace renxin::http {
namespace {

RouteTable Table() {
  RouteTable table;
  table.Add("GET", "/v1/things", 0);
  table.Add("POST", "/v1/things", 1);
  table.Add("GET", "/v1/things/{id}", 2);
  table.Add("POST", "/v1/things/{id}:close", 3);
  table.Add("GET", "/v1/things/summary", 4);
  table.Add("GET", "/v1/things/{thing_id}/refused.csv", 5);
  table.Add("POST", "/v1/things:search", 6);
  table.Add("GET", "/openapi.json", 7);
  table.Add("GET", "/v1/things/{id}/lines/{line}", 8);
  table.Add("DELETE", "/v1/things/summary", 9);
  return table;
}

std::string Ask(const RouteTable& table, std::string_view method, std::string_view path) {
  const auto parsed = ParsePath(path);
  if (!parsed) {
    return "400";
  }
  const Match match = table.Find(method, *parsed);
  if (match.outcome == Match::Outcome::kNoPath) {
    return "404";
  }
  if (match.outcome == Match::Outcome::kNoMethod) {
    std::string text = "405";
    for (const auto& name : match.allowed) {
      text += " " + name;
    }
    return text;
  }
  std::string text = std::to_string(match.route);
  for (const auto& [name, value] : match.variables) {
    text += " " + name + "=" + value;
  }
  return text;
}

TEST(RouteTable, Finds) {
  const RouteTable table = Table();
  const struct {
    const char* method;
    const char* path;
    const char* want;
  } cases[] = {
      {"GET", "/v1/things", "0"},
      {"POST", "/v1/things", "1"},
      {"GET", "/v1/things/a", "2 id=a"},
      {"GET", "/v1/things/a.b-c", "2 id=a.b-c"},
      {"GET", "/v1/things/%E6%9D%8E%20x", "2 id=李 x"},
      {"GET", "/v1/things/a%3Aclose", "2 id=a:close"},
      {"GET", "/v1/things/a%2525", "2 id=a%25"},
      {"POST", "/v1/things/a:close", "3 id=a"},
      {"GET", "/v1/things/a:close", "405 POST"},
      {"POST", "/v1/things/a:open", "404"},
      {"GET", "/v1/things/summary", "4"},
      {"POST", "/v1/things/summary", "405 DELETE GET"},
      {"GET", "/v1/things/7/refused.csv", "5 thing_id=7"},
      {"GET", "/v1/things/summary/refused.csv", "5 thing_id=summary"},
      {"POST", "/v1/things:search", "6"},
      {"GET", "/openapi.json", "7"},
      {"GET", "/v1/things/1/lines/2", "8 id=1 line=2"},
      {"GET", "/v1/things/", "404"},
      {"GET", "/v1/things//lines/2", "404"},
      {"GET", "/", "404"},
      {"GET", "/V1/things", "404"},
      {"GET", "/v1/things/a/b", "404"},
      {"PUT", "/v1/things", "405 GET POST"},
      {"GET", "/v1/things/a%2Fb", "400"},
      {"GET", "/v1/things/a%5cb", "400"},
      {"GET", "/v1/things/a%00", "400"},
      {"GET", "/v1/things/%2e%2e", "400"},
      {"GET", "/v1/things/%ff", "400"},
      {"GET", "/v1/things/%4", "400"},
      {"GET", "/v1/things/%zz", "400"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Ask(table, c.method, c.path), c.want) << c.method << " " << c.path;
  }
}

TEST(RouteTable, RefusesWhatCannotBeToldApart) {
  RouteTable table = Table();
  EXPECT_THROW(table.Add("GET", "/v1/things/{other}", 10), std::invalid_argument);
  EXPECT_NO_THROW(table.Add("PUT", "/v1/things/{other}", 10));
  for (const char* bad : {"", "v1", "/v1//x", "/v1/{", "/v1/{Id}", "/v1/x{id}", "/v1/a:", "/v1/a:b:c", "/v1/{a/b}", "/v1/*"}) {
    EXPECT_THROW(table.Add("GET", bad, 11), std::invalid_argument) << bad;
  }
}

TEST(Query, DecodesOnce) {
  const auto pairs = ParseQuery("a=1&b=%E6%9D%8E+x&c=%2525&d&a=2");
  ASSERT_TRUE(pairs);
  const std::vector<std::pair<std::string, std::string>> want{{"a", "1"}, {"b", "李 x"}, {"c", "%25"}, {"d", ""}, {"a", "2"}};
  EXPECT_EQ(*pairs, want);
  for (const char* bad : {"a=%", "a=%0", "a=%00", "=1", "a=1&&b=2", "a=%ff"}) {
    EXPECT_FALSE(ParseQuery(bad)) << bad;
  }
  std::string many = "a=1";
  for (int i = 0; i < 64; ++i) {
    many += "&a=1";
  }
  EXPECT_FALSE(ParseQuery(many));
}

}  // namespace
}  // namespace renxin::http
