#include "shared/contract/validate.h"

#include <google/protobuf/descriptor.h>

#include <google/protobuf/message.h>
#include <algorithm>
#include <string>

#include "renxin/options/v1/privacy.pb.h"
#include "renxin/options/v1/validate.pb.h"
#include "shared/contract/descriptors.h"
#include "shared/core/normal.h"
#include "shared/core/text.h"
#include "shared/core/time.h"

namespace renxin::contract {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using options::v1::FieldRules;

constexpr std::size_t kMaxViolations = 64;

struct Check {
  std::vector<FieldViolation> found;
  void Add(const std::string& path, std::string_view rule, std::string message) {
    if (found.size() < kMaxViolations) {
      found.push_back({path, std::string(rule), std::move(message)});
    }
  }
};

bool IsCode(std::string_view text) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && is_word(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_word(c) || c == '_' || c == '-' || c == '.'; });
}

// The parser's own words: a row of a file is refused in the same.
template <class T>
std::string ProblemOf(const Result<T>& parsed) {
  return parsed ? std::string() : parsed.error().fields.front().message;
}

// Empty when the text has the format, else what is expected.
std::string FormatProblem(options::v1::Format format, std::string_view text) {
  switch (format) {
    case options::v1::FORMAT_DAY:
      return ProblemOf(ParseDay(text));
    case options::v1::FORMAT_MONTH:
      return ProblemOf(ParseMonth(text));
    case options::v1::FORMAT_TIME:
      return ProblemOf(ParseTime(text));
    case options::v1::FORMAT_UUID:
      return IsUuid(text) ? "" : "must be a UUID";
    case options::v1::FORMAT_CODE:
      return IsCode(text) ? "" : "must be a code: lower-case letters, digits, '_', '-', '.'";
    default:
      return "";
  }
}

void CheckLength(const FieldRules& rules, std::size_t length, std::string_view unit, const std::string& path, Check* check) {
  if (rules.min_len() > 0 && length < rules.min_len()) {
    check->Add(path, "min_len", "must have at least " + std::to_string(rules.min_len()) + " " + std::string(unit));
  }
  if (rules.max_len() > 0 && length > rules.max_len()) {
    check->Add(path, "max_len", "must have at most " + std::to_string(rules.max_len()) + " " + std::string(unit));
  }
}

void CheckText(const FieldDescriptor* field, const FieldRules& rules, const std::string& value, const std::string& path, Check* check) {
  if (value.empty()) {
    return;
  }
  if (field->type() == FieldDescriptor::TYPE_BYTES) {
    CheckLength(rules, value.size(), "bytes", path, check);
    return;
  }
  if (!IsCleanUtf8(value)) {
    check->Add(path, "utf8", "must be UTF-8 without U+0000");
    return;
  }
  CheckLength(rules, CodePoints(value), "characters", path, check);
  if (const auto problem = FormatProblem(rules.format(), value); !problem.empty()) {
    check->Add(path, "format", problem);
  }
  if (rules.in_size() > 0 && std::find(rules.in().begin(), rules.in().end(), value) == rules.in().end()) {
    check->Add(path, "in", "must be one of " + Join({rules.in().begin(), rules.in().end()}, ", "));
  }
}

void CheckNumber(const FieldRules& rules, std::int64_t value, const std::string& path, Check* check) {
  if (rules.gte__case() == FieldRules::kGte && value < rules.gte()) {
    check->Add(path, "gte", "must be at least " + std::to_string(rules.gte()));
  }
  if (rules.lte__case() == FieldRules::kLte && value > rules.lte()) {
    check->Add(path, "lte", "must be at most " + std::to_string(rules.lte()));
  }
}

// An unsigned value beyond int64 stands for the largest: no rule can tell them apart.
std::int64_t Narrow(std::uint64_t value) { return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX)); }

void Walk(const Message& message, const std::string& prefix, Check* check);

// One value of a field; `index` -1 for a singular field.
void CheckValue(const Message& message, const FieldDescriptor* field, int index, const FieldRules& rules, const std::string& path,
                Check* check) {
  const Reflection* reflection = message.GetReflection();
  const bool many = index >= 0;
  std::string scratch;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      CheckText(field, rules,
                many ? reflection->GetRepeatedStringReference(message, field, index, &scratch)
                     : reflection->GetStringReference(message, field, &scratch),
                path, check);
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      CheckNumber(rules, many ? reflection->GetRepeatedInt32(message, field, index) : reflection->GetInt32(message, field), path, check);
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      CheckNumber(rules, many ? reflection->GetRepeatedInt64(message, field, index) : reflection->GetInt64(message, field), path, check);
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      CheckNumber(rules, many ? reflection->GetRepeatedUInt32(message, field, index) : reflection->GetUInt32(message, field), path, check);
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      CheckNumber(rules, Narrow(many ? reflection->GetRepeatedUInt64(message, field, index) : reflection->GetUInt64(message, field)), path,
                  check);
      return;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = many ? reflection->GetRepeatedEnumValue(message, field, index) : reflection->GetEnumValue(message, field);
      if (field->enum_type()->FindValueByNumber(number) == nullptr) {
        check->Add(path, "enum", "is not a known value");
      }
      return;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Walk(many ? reflection->GetRepeatedMessage(message, field, index) : reflection->GetMessage(message, field), path + ".", check);
      return;
    default:
      return;
  }
}

void CheckRepeated(const Message& message, const FieldDescriptor* field, const FieldRules& rules, const std::string& path, Check* check) {
  const auto size = static_cast<std::uint32_t>(message.GetReflection()->FieldSize(message, field));
  if (rules.required() && size == 0) {
    check->Add(path, "required", "is required");
  } else if (size < rules.min_items()) {
    check->Add(path, "min_items", "must have at least " + std::to_string(rules.min_items()) + " entries");
  }
  if (rules.max_items() > 0 && size > rules.max_items()) {
    check->Add(path, "max_items", "must have at most " + std::to_string(rules.max_items()) + " entries");
    return;  // the entries are not looked at: their number is what is wrong
  }
  for (std::uint32_t i = 0; i < size; ++i) {
    CheckValue(message, field, static_cast<int>(i), rules, path + "[" + std::to_string(i) + "]", check);
  }
}

void Walk(const Message& message, const std::string& prefix, Check* check) {
  const auto* descriptor = message.GetDescriptor();
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < descriptor->field_count() && check->found.size() < kMaxViolations; ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const FieldRules& rules = Option(field, options::v1::field);
    const std::string path = prefix + field->name();
    if (field->is_repeated()) {
      CheckRepeated(message, field, rules, path, check);
      continue;
    }
    const bool present = reflection->HasField(message, field);
    if (!present && rules.required()) {
      check->Add(path, "required", "is required");
      continue;
    }
    if (present || !field->has_presence()) {
      CheckValue(message, field, -1, rules, path, check);
    }
  }
}

void TrimField(Message* message, const FieldDescriptor* field) {
  const Reflection* reflection = message->GetReflection();
  std::string scratch;
  if (!field->is_repeated()) {
    const std::string& text = reflection->GetStringReference(*message, field, &scratch);
    if (const auto trimmed = TrimText(text); trimmed.size() != text.size()) reflection->SetString(message, field, std::string(trimmed));
    return;
  }
  for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
    const std::string& text = reflection->GetRepeatedStringReference(*message, field, i, &scratch);
    if (const auto trimmed = TrimText(text); trimmed.size() != text.size())
      reflection->SetRepeatedString(message, field, i, std::string(trimmed));
  }
}

}  // namespace

void TrimTexts(Message* message) {
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const auto* field : fields) {
    if (field->is_map() || Option(field, options::v1::secret)) continue;
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      TrimField(message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) TrimTexts(reflection->MutableRepeatedMessage(message, field, i));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      TrimTexts(reflection->MutableMessage(message, field));
    }
  }
}

std::vector<FieldViolation> Validate(const Message& message) {
  Check check;
  Walk(message, "", &check);
  return std::move(check.found);
}

std::optional<Error> ValidationError(const Message& message) {
  auto violations = Validate(message);
  if (violations.empty()) {
    return std::nullopt;
  }
  Error error{.code = Code::kInvalidArgument, .reason = Reason::kInvalidField, .message = {}};
  error.message = violations.front().field + ": " + violations.front().message;
  error.fields = std::move(violations);
  return error;
}

}  // namespace renxin::contract
