#include "services/gateway/transcode/transcode.h"

#include <gtest/gtest.h>

#include "services/gateway/testing/contract.h"
#include "shared/contract/testing.h"

namespace renxin::gateway {
namespace {

class Transcode : public testing::Test {
 protected:
  contract::DescriptorSet set_ = contract::ParseContract({{"things.proto", kThings}});
  Transcoder transcoder_{set_};
  const google::protobuf::Descriptor* thing_ = set_.pool->FindMessageTypeByName("renxin.things.v1.Thing");
  const google::protobuf::Descriptor* list_ = set_.pool->FindMessageTypeByName("renxin.things.v1.ListThings");

  std::string Field(const Error& error) { return error.fields.empty() ? "" : error.fields[0].field + ":" + error.fields[0].rule; }
};

TEST_F(Transcode, ThereAndBack) {
  const auto message =
      transcoder_.FromJson(thing_, R"({"name":"茶","colour":"COLOUR_RED","weight_g":"9007199254740993","parts":[{"amount":7}]})");
  ASSERT_TRUE(message);
  EXPECT_EQ(
      transcoder_.ToJson(thing_, (*message)->SerializeAsString()),
      R"({"id":"","name":"茶","colour":"COLOUR_RED","parts":[{"amount":"7","inner":[]}],"weight_g":"9007199254740993","version":"0"})");
  EXPECT_TRUE(transcoder_.FromJson(thing_, ""));
  EXPECT_THROW(transcoder_.ToJson(thing_, "\xff\xff"), std::runtime_error);
  std::int64_t version = 0;
  transcoder_.ToJson(thing_, (*transcoder_.FromJson(thing_, R"({"version":7})"))->SerializeAsString(), &version);
  EXPECT_EQ(version, 7);
  version = 0;
  transcoder_.ToJson(list_, "", &version);
  EXPECT_EQ(version, 0) << "it has no such field";
}

TEST_F(Transcode, RefusesWithThePath) {
  const struct {
    const char* json;
    const char* field;
  } cases[] = {
      {R"({"nme":"x"})", "nme:unknown"},
      {R"({"parts":[{},{"amout":1}]})", "parts[1].amout:unknown"},
      {R"({"parts":[{"amount":"13800138000x"}]})", "parts[0].amount:type"},
      {R"({"parts":[{"amount":1.5}]})", "parts[0].amount:type"},
      {R"({"weight_g":true})", "weight_g:type"},
      {R"({"colour":"COLOUR_PINK"})", "colour:type"},
      {R"({"parts":7})", ""},
      {R"({"13800138000<>":7})", "?:unknown"},
  };
  for (const auto& c : cases) {
    const auto message = transcoder_.FromJson(thing_, c.json);
    ASSERT_FALSE(message) << c.json;
    EXPECT_EQ(message.error().code, Code::kInvalidArgument);
    EXPECT_EQ(message.error().message.find("138"), std::string::npos) << message.error().message;
    if (*c.field != '\0') {
      EXPECT_EQ(Field(message.error()), c.field) << c.json;
    }
  }
}

TEST_F(Transcode, QueryFields) {
  auto message = transcoder_.New(list_);
  ASSERT_TRUE(
      transcoder_.ApplyFields(message.get(), {{"colour", "COLOUR_BLUE"}, {"tags", "a"}, {"tags", "b"}, {"limit", "-3"}, {"deep", "true"}}));
  EXPECT_EQ(transcoder_.ToJson(list_, message->SerializeAsString()), R"({"colour":"COLOUR_BLUE","tags":["a","b"],"limit":-3,"deep":true})");
  const struct {
    Pairs query;
    const char* field;
  } cases[] = {
      {{{"nothing", "1"}}, "nothing:unknown"},
      {{{"limit", "1"}, {"limit", "2"}}, "limit:once"},
      {{{"limit", "1x"}}, "limit:type"},
      {{{"limit", ""}}, "limit:type"},
      {{{"limit", "99999999999"}}, "limit:type"},
      {{{"deep", "1"}}, "deep:type"},
      {{{"colour", "RED"}}, "colour:enum"},
      {{{"colour", "77"}}, "colour:enum"},
      {{{"part", "x"}}, "part:type"},
  };
  for (const auto& c : cases) {
    auto fresh = transcoder_.New(list_);
    const auto status = transcoder_.ApplyFields(fresh.get(), c.query);
    ASSERT_FALSE(status) << c.field;
    EXPECT_EQ(Field(status.error()), c.field);
  }
}

TEST_F(Transcode, ThePathWins) {
  auto message = transcoder_.FromJson(thing_, R"({"id":"a","name":"x"})");
  ASSERT_TRUE(message);
  EXPECT_TRUE(transcoder_.ApplyPath(message->get(), {{"id", "a"}}));
  const auto status = transcoder_.ApplyPath(message->get(), {{"id", "b"}});
  ASSERT_FALSE(status);
  EXPECT_EQ(Field(status.error()), "id:path");
}

}  // namespace
}  // namespace renxin::gateway
