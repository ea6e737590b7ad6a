#include "services/gateway/json/writer.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "shared/core/text.h"

namespace renxin::gateway::json {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void Escape(unsigned code, std::string* out) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", code);
  *out += text.data();
}

// Beyond ASCII. They are invisible, or end a line for JavaScript.
bool IsEscaped(unsigned code) {
  struct Range {
    unsigned from;
    unsigned to;
  };
  static constexpr std::array<Range, 15> kRanges{{{0x80, 0x9F},
                                                  {0xAD, 0xAD},
                                                  {0x600, 0x603},
                                                  {0x6DD, 0x6DD},
                                                  {0x70F, 0x70F},
                                                  {0x17B4, 0x17B5},
                                                  {0x200B, 0x200F},
                                                  {0x2028, 0x202E},
                                                  {0x2060, 0x2064},
                                                  {0x206A, 0x206F},
                                                  {0xFEFF, 0xFEFF},
                                                  {0xFFF9, 0xFFFB},
                                                  {0x1D173, 0x1D17A},
                                                  {0xE0001, 0xE0001},
                                                  {0xE0020, 0xE007F}}};
  return std::any_of(kRanges.begin(), kRanges.end(), [code](const Range& range) { return code >= range.from && code <= range.to; });
}

void WriteAscii(char c, std::string* out) {
  switch (c) {
    case '"':
      *out += "\\\"";
      return;
    case '\\':
      *out += "\\\\";
      return;
    case '\b':
      *out += "\\b";
      return;
    case '\f':
      *out += "\\f";
      return;
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '<' || c == '>') {
    Escape(static_cast<unsigned char>(c), out);
  } else {
    *out += c;
  }
}

// Of a string field, whose UTF-8 Protobuf has checked: how many bytes the character at `at` has, and its code.
std::pair<std::size_t, unsigned> CharacterAt(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0xE0) return {2, (first & 0x1F) << 6 | (byte(1) & 0x3F)};
  if (first < 0xF0) return {3, (first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F)};
  return {4, (first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F)};
}

class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}

  bool Object(const Message& message) {
    const auto* type = message.GetDescriptor();
    if (type->file()->package() == "google.protobuf") return false;
    const Reflection& reflection = *message.GetReflection();
    *out_ += '{';
    first_ = true;
    // Optional scalars and members of a oneof come last and by their numbers, as the converter has them.
    std::vector<const FieldDescriptor*> last;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (!field->is_repeated() && field->has_presence() && !reflection.HasField(message, field)) continue;
      if (field->containing_oneof() != nullptr) {
        last.push_back(field);
      } else if (!Field(message, reflection, field)) {
        return false;
      }
    }
    std::sort(last.begin(), last.end(), [](const FieldDescriptor* a, const FieldDescriptor* b) { return a->number() < b->number(); });
    for (const FieldDescriptor* field : last) {
      if (!Field(message, reflection, field)) return false;
    }
    first_ = false;
    *out_ += '}';
    return true;
  }

 private:
  bool Field(const Message& message, const Reflection& reflection, const FieldDescriptor* field) {
    if (!first_) *out_ += ',';
    *out_ += '"';
    *out_ += field->name();
    *out_ += "\":";
    const bool written = field->is_repeated() ? List(message, reflection, field) : Value(message, reflection, field, -1);
    first_ = false;
    return written;
  }

  bool List(const Message& message, const Reflection& reflection, const FieldDescriptor* field) {
    if (field->is_map()) return false;
    *out_ += '[';
    const int size = reflection.FieldSize(message, field);
    for (int i = 0; i < size; ++i) {
      if (i > 0) *out_ += ',';
      if (!Value(message, reflection, field, i)) return false;
    }
    *out_ += ']';
    return true;
  }

  // `at`: of a repeated field; below zero: of a singular one.
  bool Value(const Message& message, const Reflection& reflection, const FieldDescriptor* field, int at) {
    const bool one = at < 0;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        *out_ += std::to_string(one ? reflection.GetInt32(message, field) : reflection.GetRepeatedInt32(message, field, at));
        return true;
      case FieldDescriptor::CPPTYPE_UINT32:
        *out_ += std::to_string(one ? reflection.GetUInt32(message, field) : reflection.GetRepeatedUInt32(message, field, at));
        return true;
      case FieldDescriptor::CPPTYPE_INT64:
        Quoted(std::to_string(one ? reflection.GetInt64(message, field) : reflection.GetRepeatedInt64(message, field, at)));
        return true;
      case FieldDescriptor::CPPTYPE_UINT64:
        Quoted(std::to_string(one ? reflection.GetUInt64(message, field) : reflection.GetRepeatedUInt64(message, field, at)));
        return true;
      case FieldDescriptor::CPPTYPE_BOOL:
        *out_ += (one ? reflection.GetBool(message, field) : reflection.GetRepeatedBool(message, field, at)) ? "true" : "false";
        return true;
      case FieldDescriptor::CPPTYPE_ENUM:
        Enum(field, one ? reflection.GetEnumValue(message, field) : reflection.GetRepeatedEnumValue(message, field, at));
        return true;
      case FieldDescriptor::CPPTYPE_STRING:
        String(message, reflection, field, at);
        return true;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Object(one ? reflection.GetMessage(message, field) : reflection.GetRepeatedMessage(message, field, at));
      default:
        return false;
    }
  }

  void Quoted(std::string_view plain) {
    *out_ += '"';
    *out_ += plain;
    *out_ += '"';
  }

  // A number that this release has no name for is written as it is.
  void Enum(const FieldDescriptor* field, int number) {
    const auto* value = field->enum_type()->FindValueByNumber(number);
    if (value == nullptr) {
      *out_ += std::to_string(number);
    } else {
      Quoted(value->name());
    }
  }

  void String(const Message& message, const Reflection& reflection, const FieldDescriptor* field, int at) {
    std::string scratch;
    const std::string& text = at < 0 ? reflection.GetStringReference(message, field, &scratch)
                                     : reflection.GetRepeatedStringReference(message, field, at, &scratch);
    if (field->type() == FieldDescriptor::TYPE_BYTES) {
      Quoted(ToBase64(text));
    } else {
      WriteText(text, out_);
    }
  }

  std::string* out_;
  bool first_ = true;  // no field of this object has been written yet
};

}  // namespace

void WriteText(std::string_view text, std::string* out) {
  *out += '"';
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      WriteAscii(text[at++], out);
      continue;
    }
    const auto [size, code] = CharacterAt(text, at);
    if (!IsEscaped(code)) {
      *out += text.substr(at, size);
    } else if (code < 0x10000) {
      Escape(code, out);
    } else {
      Escape(0xD7C0 + (code >> 10), out);
      Escape(0xDC00 + (code & 0x3FF), out);
    }
    at += size;
  }
  *out += '"';
}

bool Write(const Message& message, std::string* out) { return Writer(out).Object(message); }

}  // namespace renxin::gateway::json
