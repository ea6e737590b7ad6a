#include "services/gateway/transcode/scalar.h"

#include <google/protobuf/descriptor.h>

#include <charconv>

#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <class Int>
bool ReadInt(std::string_view text, Int* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

template <class Int>
Status SetInt(Message* message, const FieldDescriptor* field, std::string_view text,
              void (Reflection::*set)(Message*, const FieldDescriptor*, Int) const,
              void (Reflection::*add)(Message*, const FieldDescriptor*, Int) const) {
  Int value = 0;
  if (!ReadInt(text, &value)) {
    return InvalidField(field->name(), "type", "must be a whole number");
  }
  (message->GetReflection()->*(field->is_repeated() ? add : set))(message, field, value);
  return Ok{};
}

Status SetEnum(Message* message, const FieldDescriptor* field, std::string_view text) {
  int number = 0;
  const auto* value =
      ReadInt(text, &number) ? field->enum_type()->FindValueByNumber(number) : field->enum_type()->FindValueByName(std::string(text));
  if (value == nullptr) {
    return InvalidField(field->name(), "enum", "is not a known value");
  }
  const auto* reflection = message->GetReflection();
  field->is_repeated() ? reflection->AddEnum(message, field, value) : reflection->SetEnum(message, field, value);
  return Ok{};
}

Status SetBool(Message* message, const FieldDescriptor* field, std::string_view text) {
  if (text != "true" && text != "false") {
    return InvalidField(field->name(), "type", "must be true or false");
  }
  const auto* reflection = message->GetReflection();
  field->is_repeated() ? reflection->AddBool(message, field, text == "true") : reflection->SetBool(message, field, text == "true");
  return Ok{};
}

}  // namespace

Status SetFromText(Message* message, const FieldDescriptor* field, std::string_view text) {
  const auto* reflection = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() != FieldDescriptor::TYPE_STRING || !IsCleanUtf8(text)) {
        return InvalidField(field->name(), "type", "must be text");
      }
      field->is_repeated() ? reflection->AddString(message, field, std::string(text))
                           : reflection->SetString(message, field, std::string(text));
      return Ok{};
    case FieldDescriptor::CPPTYPE_INT32:
      return SetInt<std::int32_t>(message, field, text, &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return SetInt<std::int64_t>(message, field, text, &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return SetInt<std::uint32_t>(message, field, text, &Reflection::SetUInt32, &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return SetInt<std::uint64_t>(message, field, text, &Reflection::SetUInt64, &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(message, field, text);
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(message, field, text);
    default:
      return InvalidField(field->name(), "type", "cannot be given here");
  }
}

std::string TextOf(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(message, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection->GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(reflection->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return std::to_string(reflection->GetEnumValue(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, field) ? "true" : "false";
    default:
      return "";
  }
}

}  // namespace renxin::gateway
