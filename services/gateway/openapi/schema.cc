#include "services/gateway/openapi/schema.h"

#include <boost/json/array.hpp>

#include "renxin/options/v1/privacy.pb.h"
#include "renxin/options/v1/validate.pb.h"
#include "shared/contract/descriptors.h"
#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;
using options::v1::FieldRules;

std::string Tidy(const std::string& comment) {
  std::string out;
  for (const auto& line : SplitText(comment, '\n')) {
    const auto trimmed = Trim(line);
    if (!trimmed.empty()) {
      out += (out.empty() ? "" : " ") + std::string(trimmed);
    }
  }
  return out;
}

void AddTextRules(const FieldRules& rules, json::object* schema) {
  if (rules.min_len() > 0) {
    (*schema)["minLength"] = rules.min_len();
  }
  if (rules.max_len() > 0) {
    (*schema)["maxLength"] = rules.max_len();
  }
  if (rules.in_size() > 0) {
    json::array allowed;
    for (const auto& value : rules.in()) {
      allowed.emplace_back(value);
    }
    (*schema)["enum"] = std::move(allowed);
  }
  switch (rules.format()) {
    case options::v1::FORMAT_DAY:
      (*schema)["format"] = "date";
      break;
    case options::v1::FORMAT_TIME:
      (*schema)["format"] = "date-time";
      break;
    case options::v1::FORMAT_UUID:
      (*schema)["format"] = "uuid";
      break;
    case options::v1::FORMAT_MONTH:
      (*schema)["pattern"] = "^[0-9]{4}-[0-9]{2}$";
      break;
    case options::v1::FORMAT_CODE:
      (*schema)["pattern"] = "^[a-z0-9][a-z0-9_.-]*$";
      break;
    default:
      break;
  }
}

void AddNumberRules(const FieldRules& rules, bool as_text, json::object* schema) {
  if (as_text) {
    return;  // minimum has no meaning for a string; the description of the API says that int64 is one
  }
  if (rules.gte__case() == FieldRules::kGte) {
    (*schema)["minimum"] = rules.gte();
  }
  if (rules.lte__case() == FieldRules::kLte) {
    (*schema)["maximum"] = rules.lte();
  }
}

json::object Typed(const char* type, const char* format = nullptr) {
  json::object schema{{"type", type}};
  if (format != nullptr) {
    schema["format"] = format;
  }
  return schema;
}

json::object RefTo(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

}  // namespace

template <class Descriptor>
std::string CommentOf(const Descriptor* descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor->GetSourceLocation(&location)) {
    return "";
  }
  return Tidy(location.leading_comments.empty() ? location.trailing_comments : location.leading_comments);
}

template std::string CommentOf(const google::protobuf::MethodDescriptor*);
template std::string CommentOf(const google::protobuf::ServiceDescriptor*);
template std::string CommentOf(const google::protobuf::Descriptor*);
template std::string CommentOf(const google::protobuf::FieldDescriptor*);
template std::string CommentOf(const google::protobuf::EnumDescriptor*);

json::object Schemas::Enum(const google::protobuf::EnumDescriptor* type) {
  auto& schema = components_[type->full_name()];
  if (schema.empty()) {
    json::array values;
    for (int i = 0; i < type->value_count(); ++i) {
      values.emplace_back(type->value(i)->name());
    }
    schema = {{"type", "string"}, {"enum", std::move(values)}};
    if (const auto comment = CommentOf(type); !comment.empty()) {
      schema["description"] = comment;
    }
  }
  return RefTo(type->full_name());
}

json::object Schemas::Value(const FieldDescriptor* field) {
  switch (field->type()) {
    case FieldDescriptor::TYPE_BOOL:
      return Typed("boolean");
    case FieldDescriptor::TYPE_STRING:
      return Typed("string");
    case FieldDescriptor::TYPE_BYTES:
      return {{"type", "string"}, {"contentEncoding", "base64"}};
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FLOAT:
      return Typed("number");
    case FieldDescriptor::TYPE_ENUM:
      return Enum(field->enum_type());
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return Reference(field->message_type());
    default:
      break;
  }
  const auto type = field->cpp_type();
  const bool wide = type == FieldDescriptor::CPPTYPE_INT64 || type == FieldDescriptor::CPPTYPE_UINT64;
  return wide ? Typed("string", "int64") : Typed("integer", "int32");
}

json::object Schemas::Field(const FieldDescriptor* field, bool many) {
  if (field->is_map()) {
    return {{"type", "object"}, {"additionalProperties", Field(field->message_type()->map_value())}};
  }
  const FieldRules& rules = contract::Option(field, options::v1::field);
  json::object schema = Value(field);
  if (field->type() == FieldDescriptor::TYPE_STRING) {
    AddTextRules(rules, &schema);
  } else {
    AddNumberRules(rules, schema.contains("type") && schema["type"] == "string", &schema);
  }
  if (field->is_repeated() && many) {
    schema = {{"type", "array"}, {"items", std::move(schema)}};
    if (rules.min_items() > 0) {
      schema["minItems"] = rules.min_items();
    }
    if (rules.max_items() > 0) {
      schema["maxItems"] = rules.max_items();
    }
  }
  std::string comment = CommentOf(field);
  if (contract::Option(field, options::v1::mask) != options::v1::MASK_UNSPECIFIED) {
    comment += (comment.empty() ? "" : " ") + std::string("Masked in answers.");
  }
  if (!comment.empty()) {
    schema["description"] = comment;  // 3.1 allows it beside $ref
  }
  return schema;
}

json::object Schemas::Inline(const google::protobuf::Descriptor* message) {
  json::object properties;
  json::array required;
  for (int i = 0; i < message->field_count(); ++i) {
    const auto* field = message->field(i);
    properties[field->name()] = Field(field);
    if (contract::Option(field, options::v1::field).required()) {
      required.emplace_back(field->name());
    }
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) {
    schema["required"] = std::move(required);
  }
  if (const auto comment = CommentOf(message); !comment.empty()) {
    schema["description"] = comment;
  }
  return schema;
}

json::object Schemas::Reference(const google::protobuf::Descriptor* message) {
  const auto [it, fresh] = components_.try_emplace(message->full_name());
  if (fresh) {
    // The name is taken before the fields are walked: a message may hold itself.
    json::object schema = Inline(message);
    components_[message->full_name()] = std::move(schema);
  }
  return RefTo(message->full_name());
}

json::object Schemas::ReleaseComponents() {
  json::object out;
  for (auto& [name, schema] : components_) {
    out[name] = std::move(schema);
  }
  components_.clear();
  return out;
}

}  // namespace renxin::gateway
