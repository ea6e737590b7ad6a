#include "services/gateway/condition/condition.h"

#include <algorithm>

#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t");
  return end == std::string_view::npos ? "" : text.substr(begin, end - begin + 1);
}

bool IsVersion(std::string_view text) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && !text.empty() && text.size() <= 18 && text.front() != '0';
}

}  // namespace

const google::protobuf::FieldDescriptor* VersionField(const google::protobuf::Descriptor* message) {
  const auto* field = message->FindFieldByName("version");
  const bool fits = field != nullptr && !field->is_repeated() && field->type() == google::protobuf::FieldDescriptor::TYPE_INT64;
  return fits ? field : nullptr;
}

Result<std::string> IfMatchOf(const http::Head& head, bool supported) {
  const auto sent = std::find_if(head.headers.begin(), head.headers.end(), [](const auto& each) { return each.first == "if-match"; });
  if (sent == head.headers.end()) {
    return std::string();
  }
  if (!supported) {
    return InvalidField("If-Match", "unsupported", "If-Match is not supported here");
  }
  const std::string_view tag = Trimmed(sent->second);
  if (tag == "*") {
    return std::string(tag);
  }
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"' || !IsVersion(tag.substr(1, tag.size() - 2))) {
    return InvalidField("If-Match", "format", "must be * or one version in quotation marks, as ETag gave it");
  }
  return std::string(tag.substr(1, tag.size() - 2));
}

std::string EntityTag(std::int64_t version) { return '"' + std::to_string(version) + '"'; }

bool NamedByIfNoneMatch(const http::Head& head, std::string_view tag) {
  for (const auto& [name, value] : head.headers) {
    if (name != "if-none-match") {
      continue;
    }
    for (const std::string& each : SplitText(value, ',')) {
      std::string_view one = Trimmed(each);
      if (one.starts_with("W/")) {
        one.remove_prefix(2);
      }
      if (one == tag || one == "*") {
        return true;
      }
    }
  }
  return false;
}

}  // namespace renxin::gateway
