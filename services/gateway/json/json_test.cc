// Our reader and writer against Protobuf's converter, over the whole contract: the same text, the same message.

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <random>

#include "services/gateway/json/reader.h"
#include "services/gateway/json/writer.h"
#include "services/gateway/testing/contract.h"
#include "services/gateway/transcode/transcode.h"
#include "shared/contract/descriptors.h"
#include "shared/contract/testing.h"
#include "shared/http/strict_json.h"

namespace renxin::gateway::json {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }
  std::int64_t Number() {
    static constexpr std::int64_t kEdges[] = {0, 1, -1, 2'147'483'647, -2'147'483'648, 9'007'199'254'740'993, INT64_MAX, INT64_MIN};
    return Below(2) == 0 ? kEdges[Below(8)] : static_cast<std::int64_t>(engine_());
  }
  std::string Text() {
    static constexpr const char* kPieces[] = {
        "", "王芳", "a\"b\\c/", "<b>&amp;", "\n\t\r\b\f\x01\x1f\x7f", "é\xC2\x85\xC2\xAD", "\u2028\u200b\ufeff", "😀", "13800138000"};
    std::string out;
    for (int i = Below(3); i >= 0; --i) out += kPieces[Below(9)];
    return out;
  }
  void Fill(Message* message, int depth) {
    const Descriptor* type = message->GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      if (Below(3) == 0) continue;
      const int times = type->field(i)->is_repeated() ? Below(3) : 1;
      for (int n = 0; n < times; ++n) FillField(message, type->field(i), depth);
    }
  }

 private:
  template <class Value, class Set, class Add>
  static void Put(Message* message, const FieldDescriptor* field, Value value, Set set, Add add) {
    const auto& reflection = *message->GetReflection();
    if (field->is_repeated()) {
      (reflection.*add)(message, field, value);
    } else {
      (reflection.*set)(message, field, value);
    }
  }
  void FillField(Message* message, const FieldDescriptor* field, int depth) {
    using R = google::protobuf::Reflection;
    if (field->is_map()) return;
    const std::int64_t number = Number();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return Put(message, field, static_cast<std::int32_t>(number), &R::SetInt32, &R::AddInt32);
      case FieldDescriptor::CPPTYPE_UINT32:
        return Put(message, field, static_cast<std::uint32_t>(number), &R::SetUInt32, &R::AddUInt32);
      case FieldDescriptor::CPPTYPE_INT64:
        return Put(message, field, number, &R::SetInt64, &R::AddInt64);
      case FieldDescriptor::CPPTYPE_UINT64:
        return Put(message, field, static_cast<std::uint64_t>(number), &R::SetUInt64, &R::AddUInt64);
      case FieldDescriptor::CPPTYPE_BOOL:
        return Put(message, field, Below(2) == 0, &R::SetBool, &R::AddBool);
      case FieldDescriptor::CPPTYPE_ENUM:
        return Put(message, field, Below(8) == 0 ? 99 : field->enum_type()->value(Below(field->enum_type()->value_count()))->number(),
                   &R::SetEnumValue, &R::AddEnumValue);
      case FieldDescriptor::CPPTYPE_STRING:
        return Put(message, field, Text(), static_cast<void (R::*)(Message*, const FieldDescriptor*, std::string) const>(&R::SetString),
                   static_cast<void (R::*)(Message*, const FieldDescriptor*, std::string) const>(&R::AddString));
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        if (depth == 0) return;
        const auto& reflection = *message->GetReflection();
        return Fill(field->is_repeated() ? reflection.AddMessage(message, field) : reflection.MutableMessage(message, field), depth - 1);
      }
      default:
        return;
    }
  }
  std::mt19937 engine_;
};

class JsonTest : public ::testing::Test {
 protected:
  // Every message of every service's contract.
  template <class Look>
  void EachType(Look look) {
    for (const auto* file : set_.files) {
      for (int i = 0; i < file->message_type_count(); ++i) look(file->message_type(i));
    }
  }
  const contract::DescriptorSet& set_ = contract::EmbeddedDescriptors();
  Transcoder transcoder_{set_};
};

TEST_F(JsonTest, every_message_of_the_contract_is_written_as_the_converter_writes_it_and_read_again) {
  Random random(20260510);
  int written = 0;
  int read = 0;
  EachType([&](const Descriptor* type) {
    for (int i = 0; i < 12; ++i) {
      const MessagePtr message = transcoder_.New(type);
      if (i > 0) random.Fill(message.get(), 3);
      std::string text;
      if (!Write(*message, &text)) continue;
      ++written;
      ASSERT_EQ(text, transcoder_.ConvertToJson(type, message->SerializeAsString())) << type->full_name();
      const MessagePtr again = transcoder_.New(type);
      if (http::CheckJson(text) || !Read(text, again.get())) continue;
      ++read;
      ASSERT_EQ(again->SerializeAsString(), message->SerializeAsString()) << type->full_name() << " " << text;
    }
  });
  EXPECT_GT(written, 3'000) << "maps alone are left to the converter";
  EXPECT_GT(read, written / 3) << "what is left out has a number for an enum, or bytes";
}

TEST_F(JsonTest, every_character_is_written_as_the_converter_writes_it) {
  const contract::DescriptorSet set = contract::ParseContract({{"things.proto", kThings}});
  Transcoder transcoder(set);
  const Descriptor* thing = set.pool->FindMessageTypeByName("renxin.things.v1.Thing");
  const auto* name = thing->FindFieldByName("name");
  const auto utf8 = [](unsigned code) {
    std::string out;
    if (code < 0x80) return std::string(1, static_cast<char>(code));
    if (code < 0x800) {
      out += static_cast<char>(0xC0 | code >> 6);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0 | code >> 12);
      out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    } else {
      out += static_cast<char>(0xF0 | code >> 18);
      out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
      out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    }
    return out + static_cast<char>(0x80 | (code & 0x3F));
  };
  // In runs of 64, so that a difference shows where it is.
  for (unsigned from = 0; from < 0x110000; from += 64) {
    if ((from >= 0xD800 && from < 0xE000) || (from >= 0x20000 && from < 0xE0000)) continue;
    const MessagePtr message = transcoder.New(thing);
    std::string all;
    for (unsigned code = from; code < from + 64; ++code) all += utf8(code);
    message->GetReflection()->SetString(message.get(), name, all);
    std::string text;
    ASSERT_TRUE(Write(*message, &text));
    ASSERT_EQ(text, transcoder.ConvertToJson(thing, message->SerializeAsString())) << std::hex << from;
  }
}

TEST_F(JsonTest, what_is_not_plainly_right_is_left_to_the_converter) {
  const contract::DescriptorSet set = contract::ParseContract({{"things.proto", kThings}});
  Transcoder transcoder(set);
  const Descriptor* thing = set.pool->FindMessageTypeByName("renxin.things.v1.Thing");
  for (const char* text :
       {R"({"nothing":1})", R"({"weightG":"1"})", R"({"name":null})", R"({"name":7})", R"({"weight_g":1.5})", R"({"weight_g":1e3})",
        R"({"weight_g":"007"})", R"({"weight_g":""})", R"({"weight_g":" 7"})", R"({"weight_g":"9223372036854775808"})", R"({"colour":1})",
        R"({"colour":"COLOUR_PINK"})", R"({"parts":7})", R"({"parts":{}})", R"({"parts":[7]})", R"({"parts":[null]})"}) {
    const MessagePtr message = transcoder.New(thing);
    EXPECT_FALSE(Read(text, message.get())) << text;
  }
  for (const char* text : {R"({})", R"({"weight_g":7})", R"({"weight_g":"-7"})", R"({"parts":[]})", R"({"name":""})"}) {
    const MessagePtr message = transcoder.New(thing);
    EXPECT_TRUE(Read(text, message.get())) << text;
  }
}

}  // namespace
}  // namespace renxin::gateway::json
