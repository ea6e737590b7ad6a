#include "services/gateway/transcode/transcode.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "services/gateway/condition/condition.h"
#include "services/gateway/json/reader.h"
#include "services/gateway/json/writer.h"
#include "services/gateway/transcode/scalar.h"
#include "shared/http/strict_json.h"

namespace renxin::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

// Any other prefix breaks the well-known types.
constexpr const char* kTypePrefix = "type.googleapis.com";

std::string TypeUrl(const Descriptor* type) { return std::string(kTypePrefix).append("/").append(type->full_name()); }

// A path taken from Protobuf's message may hold what the client sent as a name: only harmless ones are kept.
std::string SafePath(std::string_view path) {
  const bool safe = !path.empty() && path.size() <= 128 && std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '[' || c == ']';
  });
  return safe ? std::string(path) : "?";
}

// Protobuf says `(lines[0].amount): invalid value "x" …` or `(lines[0]) nme: Cannot find field.`
Error FromJsonStatus(std::string_view text) {
  std::string path;
  if (text.starts_with("(")) {
    const auto close = text.find(')');
    path = std::string(text.substr(1, close == std::string_view::npos ? close : close - 1));
    text.remove_prefix(std::min(close == std::string_view::npos ? text.size() : close + 1, text.size()));
  }
  if (const auto unknown = text.find(": Cannot find field"); unknown != std::string_view::npos) {
    std::string_view name = text.substr(0, unknown);
    name.remove_prefix(std::min(name.find_first_not_of(" :"), name.size()));
    return InvalidField(SafePath(path.empty() ? std::string(name) : path + "." + std::string(name)), "unknown",
                        "is no field of this request");
  }
  if (!path.empty()) {
    return InvalidField(SafePath(path), "type", "has a value of the wrong type");
  }
  return {.code = Code::kInvalidArgument, .reason = Reason::kMalformedJson, .message = "the body does not fit this request"};
}

}  // namespace

Transcoder::Transcoder(const contract::DescriptorSet& set)
    : factory_(set.pool.get()), resolver_(google::protobuf::util::NewTypeResolverForDescriptorPool(kTypePrefix, set.pool.get())) {}

MessagePtr Transcoder::New(const Descriptor* type) { return MessagePtr(factory_.GetPrototype(type)->New()); }

Result<MessagePtr> Transcoder::FromJson(const Descriptor* type, std::string_view body) {
  MessagePtr message = New(type);
  if (body.empty()) {
    return message;
  }
  if (auto error = http::CheckJson(body)) {
    return std::move(*error);
  }
  if (json::Read(body, message.get())) return message;
  return ConvertFromJson(type, body);
}

Result<MessagePtr> Transcoder::ConvertFromJson(const Descriptor* type, std::string_view body) {
  MessagePtr message = New(type);
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  std::string bytes;
  const auto status =
      google::protobuf::util::JsonToBinaryString(resolver_.get(), TypeUrl(type), {body.data(), body.size()}, &bytes, options);
  if (!status.ok()) {
    return FromJsonStatus({status.message().data(), status.message().size()});
  }
  if (!message->ParseFromString(bytes)) {
    return FromJsonStatus("");
  }
  return message;
}

Status Transcoder::ApplyPath(Message* message, const Pairs& variables) {
  for (const auto& [name, value] : variables) {
    const auto* field = message->GetDescriptor()->FindFieldByName(name);
    const bool in_body = message->GetReflection()->HasField(*message, field);
    const std::string before = in_body ? TextOf(*message, field) : "";
    RETURN_IF_ERROR(SetFromText(message, field, value));
    if (in_body && TextOf(*message, field) != before) {
      return InvalidField(name, "path", "is not what the path says");
    }
  }
  return Ok{};
}

Status Transcoder::ApplyFields(Message* message, const Pairs& fields) {
  std::set<std::string> seen;
  for (const auto& [name, value] : fields) {
    const auto* field = message->GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) {
      return InvalidField(SafePath(name), "unknown", "is no parameter of this request");
    }
    if (!seen.insert(name).second && !field->is_repeated()) {
      return InvalidField(name, "once", "may be given once");
    }
    RETURN_IF_ERROR(SetFromText(message, field, value));
  }
  return Ok{};
}

std::string Transcoder::ToJson(const Descriptor* type, const std::string& bytes, std::int64_t* version) {
  const MessagePtr message = New(type);
  if (!message->ParseFromString(bytes)) throw std::runtime_error("a reply is no " + type->full_name());
  if (const auto* field = VersionField(type); field != nullptr && version != nullptr) {
    *version = message->GetReflection()->GetInt64(*message, field);
  }
  std::string text;
  text.reserve(2 * bytes.size() + 256);
  if (json::Write(*message, &text)) return text;
  return ConvertToJson(type, bytes);
}

std::string Transcoder::ConvertToJson(const Descriptor* type, const std::string& bytes) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::BinaryToJsonString(resolver_.get(), TypeUrl(type), bytes, &json, options).ok()) {
    throw std::runtime_error("a reply is no " + type->full_name());
  }
  return json;
}

}  // namespace renxin::gateway
