#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <set>

#include "renxin/common/v1/common.pb.h"
#include "renxin/common/v1/error.pb.h"
#include "shared/contract/error.h"
#include "shared/contract/mask.h"
#include "shared/contract/testing.h"
#include "shared/contract/validate.h"

namespace renxin::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kThing = R"(
syntax = "proto3";
package renxin.things.v1;
import "renxin/options/v1/validate.proto";
import "renxin/options/v1/privacy.proto";
enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; }
message Line {
  int64 amount = 1 [(renxin.options.v1.field) = {gte: 0, lte: 100}];
  string name = 2 [(renxin.options.v1.field) = {required: true, max_len: 3}, (renxin.options.v1.mask) = MASK_NAME];
}
message Thing {
  string id = 1 [(renxin.options.v1.field) = {format: FORMAT_UUID}];
  string day = 2 [(renxin.options.v1.field) = {format: FORMAT_DAY}];
  string month = 3 [(renxin.options.v1.field) = {format: FORMAT_MONTH}];
  string at = 4 [(renxin.options.v1.field) = {format: FORMAT_TIME}];
  string code = 5 [(renxin.options.v1.field) = {format: FORMAT_CODE}];
  string kind = 6 [(renxin.options.v1.field) = {in: ["a", "b"], min_len: 1}];
  repeated Line lines = 7 [(renxin.options.v1.field) = {max_items: 2}];
  Colour colour = 8 [(renxin.options.v1.field) = {required: true}];
  string phone = 9 [(renxin.options.v1.mask) = MASK_PHONE];
  string born = 10 [(renxin.options.v1.mask) = MASK_BIRTHDAY];
  string note = 11 [(renxin.options.v1.mask) = MASK_ALL];
  repeated string phones = 12 [(renxin.options.v1.mask) = MASK_PHONE];
  map<string, Line> by_name = 13;
  optional int32 share = 14 [(renxin.options.v1.field) = {gte: 1}];
  bytes blob = 15 [(renxin.options.v1.field) = {max_len: 2}];
})";

class Things : public testing::Test {
 protected:
  DescriptorSet set_ = ParseContract({{"thing.proto", kThing}});
  google::protobuf::DynamicMessageFactory factory_{set_.pool.get()};

  std::unique_ptr<google::protobuf::Message> Read(const std::string& json) {
    std::unique_ptr<google::protobuf::Message> message(
        factory_.GetPrototype(set_.pool->FindMessageTypeByName("renxin.things.v1.Thing"))->New());
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, message.get()).ok()) << json;
    return message;
  }
  std::vector<std::string> Broken(const std::string& json) {
    std::vector<std::string> found;
    for (const auto& violation : Validate(*Read(json))) {
      found.push_back(violation.field + ":" + violation.rule);
    }
    return found;
  }
};

TEST_F(Things, RulesOfEachField) {
  EXPECT_THAT(Broken(R"({"colour":"COLOUR_RED"})"), IsEmpty());
  EXPECT_THAT(Broken("{}"), ElementsAre("colour:required"));
  EXPECT_THAT(Broken(R"({"colour":77})"), ElementsAre("colour:enum"));
  const struct {
    const char* json;
    std::vector<std::string> want;
  } cases[] = {
      {R"("id":"0190f3c2-0000-7000-8000-000000000001")", {}},
      {R"("id":"x")", {"id:format"}},
      {R"("day":"2026-02-28")", {}},
      {R"("day":"2026-02-30")", {"day:format"}},
      {R"("month":"2026-13")", {"month:format"}},
      {R"("at":"2026-02-16T09:00:00+08:00")", {}},
      {R"("at":"2026-02-16T09:00:00")", {"at:format"}},
      {R"("code":"a-1.b_c")", {}},
      {R"("code":"-a")", {"code:format"}},
      {R"("code":"A")", {"code:format"}},
      {R"("kind":"b")", {}},
      {R"("kind":"c")", {"kind:in"}},
      {R"("lines":[{"name":"李四五","amount":"100"}])", {}},
      {R"("lines":[{"name":"李四"},{"name":"李四五六","amount":101}])", {"lines[1].amount:lte", "lines[1].name:max_len"}},
      {R"("lines":[{"amount":-1}])", {"lines[0].amount:gte", "lines[0].name:required"}},
      {R"("lines":[{},{},{}])", {"lines:max_items"}},
      {R"("note":"a\u0000b")", {"note:utf8"}},
      {R"("share":0)", {"share:gte"}},
      {R"("blob":"YWJj")", {"blob:max_len"}},
      {R"("byName":{"k":{"name":"abcd"}})", {"by_name[0].value.name:max_len"}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Broken(std::string(R"({"colour":1,)") + c.json + "}"), c.want) << c.json;
  }
}

TEST_F(Things, GeneratedMessagesToo) {
  common::v1::Chunk chunk;
  chunk.set_offset(-1);
  const auto error = ValidationError(chunk);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::kInvalidArgument);
  ASSERT_EQ(error->fields.size(), 3U);
  EXPECT_EQ(error->fields[1].field, "offset");
  EXPECT_EQ(error->fields[1].rule, "gte");
}

TEST_F(Things, MasksEverywhereAndOnlyOnce) {
  auto message = Read(R"({"phone":"+8613800138000","born":"1980-02-08","note":"secret","phones":["110","13912345678"],
                          "lines":[{"name":"欧阳修","amount":5}],"byName":{"k":{"name":"王五"}},"code":"stays"})");
  for (int round = 0; round < 2; ++round) {
    ApplyMasks(message.get());
    std::string json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(*message, &json).ok());
    EXPECT_EQ(json, R"({"code":"stays","lines":[{"amount":"5","name":"欧*"}],"phone":"138****8000","born":"****-**-08",)"
                    R"("phones":["****","139****5678"],"byName":{"k":{"name":"王*"}}})");
  }
}

TEST(Mask, Texts) {
  EXPECT_EQ(MaskName(""), "");
  EXPECT_EQ(MaskName("𠮷野"), "𠮷*");
  EXPECT_EQ(MaskPhone("13800138000"), "138****8000");
  EXPECT_EQ(MaskPhone("01065551234567"), "010****4567");
  EXPECT_EQ(MaskPhone("1234567890"), "****");
  EXPECT_EQ(MaskBirthday("2/8/1980"), "****-**-**");
}

TEST(Errors, EveryReasonAndCodeHasANameOfItsOwn) {
  std::set<std::string_view> slugs;
  for (int i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_TRUE(slugs.insert(Slug(reason)).second) << Slug(reason);
    EXPECT_FALSE(Title(reason).empty()) << Slug(reason);
    EXPECT_FALSE(Explanation(reason).empty()) << Slug(reason);
    Error error{.code = Code::kConflict, .reason = reason, .message = ""};
    EXPECT_EQ(FromProto(ToProto(error)).reason, reason) << Slug(reason);
  }
  for (int i = 1; i < kCodeCount; ++i) {
    const auto code = static_cast<Code>(i);
    EXPECT_EQ(FromProto(ToProto({.code = code, .reason = Reason::kInternal, .message = ""})).code, code) << CodeName(code);
    EXPECT_GE(HttpStatus(code), 400) << CodeName(code);
  }
  EXPECT_EQ(HttpStatus(static_cast<Code>(200)), 500);
  EXPECT_EQ(Slug(static_cast<Reason>(200)), "unspecified");
}

TEST(Errors, ThereAndBack) {
  Error error = InvalidField("lines[0].amount", "gte", "too small");
  error.retry_after_ms = 7;
  const Error back = FromProto(ToProto(error));
  EXPECT_EQ(back.code, error.code);
  EXPECT_EQ(back.reason, error.reason);
  EXPECT_EQ(back.message, error.message);
  EXPECT_EQ(back.retry_after_ms, 7);
  ASSERT_EQ(back.fields.size(), 1U);
  EXPECT_EQ(back.fields[0].rule, "gte");
  common::v1::Error unknown;
  for (const char* code : {"", "OK", "LATER"}) {
    unknown.set_code(code);
    EXPECT_EQ(FromProto(unknown).code, Code::kInternal) << code;
  }
  unknown.set_code("CONFLICT");
  unknown.set_reason("later");
  EXPECT_EQ(FromProto(unknown).code, Code::kConflict);
  EXPECT_EQ(FromProto(unknown).reason, Reason::kUnspecified);
  EXPECT_EQ(FromProto(common::v1::Error()).code, Code::kInternal);
}

}  // namespace
}  // namespace renxin::contract
