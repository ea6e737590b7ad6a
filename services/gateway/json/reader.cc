#include "services/gateway/json/reader.h"

#include <google/protobuf/descriptor.h>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "shared/http/strict_json.h"

namespace renxin::gateway::json {
namespace {

namespace bj = boost::json;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool ReadObject(const bj::object& object, Message* message);

// A whole number, written as one or as digits in quotes.
template <class Int>
std::optional<Int> WholeNumber(const bj::value& value) {
  Int number = 0;
  if (const auto* text = value.if_string()) {
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc() || stop != end) return std::nullopt;
    // As it would be written: the converter may see more in other digits.
    return std::to_string(number) == std::string_view(text->data(), text->size()) ? std::optional(number) : std::nullopt;
  }
  const auto fits = [](auto given) { return std::in_range<Int>(given); };
  if (const auto* given = value.if_int64(); given != nullptr && fits(*given)) return static_cast<Int>(*given);
  if (const auto* given = value.if_uint64(); given != nullptr && fits(*given)) return static_cast<Int>(*given);
  return std::nullopt;
}

// Sets or adds a value of the field's type; Set and Add are the reflection's two functions of that type.
template <class Value, class Set, class Add>
bool Put(Message* message, const FieldDescriptor* field, const std::optional<Value>& value, Set set, Add add) {
  if (!value) return false;
  const Reflection& reflection = *message->GetReflection();
  if (field->is_repeated()) {
    (reflection.*add)(message, field, *value);
  } else {
    (reflection.*set)(message, field, *value);
  }
  return true;
}

bool ReadText(const bj::value& value, Message* message, const FieldDescriptor* field) {
  const auto* text = value.if_string();
  if (text == nullptr || field->type() != FieldDescriptor::TYPE_STRING) return false;
  std::string copy(text->data(), text->size());
  if (field->is_repeated()) {
    message->GetReflection()->AddString(message, field, std::move(copy));
  } else {
    message->GetReflection()->SetString(message, field, std::move(copy));
  }
  return true;
}

bool ReadEnum(const bj::value& value, Message* message, const FieldDescriptor* field) {
  const auto* name = value.if_string();
  const auto* found = name == nullptr ? nullptr : field->enum_type()->FindValueByName(std::string(name->data(), name->size()));
  if (found == nullptr) return false;
  return Put<const google::protobuf::EnumValueDescriptor*>(message, field, found, &Reflection::SetEnum, &Reflection::AddEnum);
}

bool ReadMessage(const bj::value& value, Message* message, const FieldDescriptor* field) {
  const auto* object = value.if_object();
  if (object == nullptr) return false;
  const Reflection& reflection = *message->GetReflection();
  return ReadObject(*object, field->is_repeated() ? reflection.AddMessage(message, field) : reflection.MutableMessage(message, field));
}

bool ReadValue(const bj::value& value, Message* message, const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Put(message, field, WholeNumber<std::int32_t>(value), &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return Put(message, field, WholeNumber<std::int64_t>(value), &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return Put(message, field, WholeNumber<std::uint32_t>(value), &Reflection::SetUInt32, &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return Put(message, field, WholeNumber<std::uint64_t>(value), &Reflection::SetUInt64, &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_BOOL: {
      const auto* given = value.if_bool();
      return given != nullptr && Put<bool>(message, field, *given, &Reflection::SetBool, &Reflection::AddBool);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return ReadEnum(value, message, field);
    case FieldDescriptor::CPPTYPE_STRING:
      return ReadText(value, message, field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ReadMessage(value, message, field);
    default:
      return false;
  }
}

bool ReadObject(const bj::object& object, Message* message) {
  const auto* type = message->GetDescriptor();
  if (type->file()->package() == "google.protobuf") return false;
  for (const auto& [key, value] : object) {
    const FieldDescriptor* field = type->FindFieldByName(std::string(key.data(), key.size()));
    if (field == nullptr || field->is_map() || field->real_containing_oneof() != nullptr) return false;
    if (!field->is_repeated()) {
      if (!ReadValue(value, message, field)) return false;
      continue;
    }
    const auto* list = value.if_array();
    if (list == nullptr) return false;
    for (const bj::value& one : *list) {
      if (!ReadValue(one, message, field)) return false;
    }
  }
  return true;
}

}  // namespace

bool Read(std::string_view text, Message* message) {
  bj::parse_options options;
  options.max_depth = http::kJsonMaxDepth;
  boost::system::error_code ec;
  bj::monotonic_resource memory(4'096);
  const bj::value value = bj::parse(bj::string_view(text.data(), text.size()), ec, &memory, options);
  return !ec && value.is_object() && ReadObject(value.get_object(), message);
}

}  // namespace renxin::gateway::json
