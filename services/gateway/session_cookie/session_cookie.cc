#include "services/gateway/session_cookie/session_cookie.h"

#include <google/protobuf/descriptor.h>

#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::string_view kName = "__Secure-renxin-refresh=";
// No Max-Age: the browser forgets it when it is closed. A cookie's path ends at a slash (RFC 6265, 5.1.4), so that of the routes that
// read it, /v1/sessions:refresh and :end, is /v1.
constexpr const char* kAttributes = "; Path=/v1; HttpOnly; Secure; SameSite=Strict";

const FieldDescriptor* TokenField(const Descriptor* message) {
  const FieldDescriptor* field = message->FindFieldByName("refresh_token");
  return field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING ? field : nullptr;
}

bool FromConsole(const http::Head& head) { return head.Find("renxin-console") == "1"; }

std::string CookieOf(const http::Head& head) {
  for (const std::string& each : SplitText(head.Find("cookie"), ';')) {
    std::string_view one = each;
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (one.starts_with(kName)) {
      return std::string(one.substr(kName.size()));
    }
  }
  return "";
}

}  // namespace

void RefreshTokenFromCookie(const http::Head& head, google::protobuf::Message* request) {
  const FieldDescriptor* field = TokenField(request->GetDescriptor());
  if (field != nullptr && FromConsole(head) && request->GetReflection()->GetString(*request, field).empty()) {
    request->GetReflection()->SetString(request, field, CookieOf(head));
  }
}

std::optional<std::string> RefreshTokenToCookie(const http::Head& head, const Descriptor* request, google::protobuf::Message* reply) {
  if (!FromConsole(head)) {
    return std::nullopt;
  }
  const FieldDescriptor* field = TokenField(reply->GetDescriptor());
  if (field == nullptr) {
    return TokenField(request) == nullptr ? std::nullopt : std::optional(std::string(kName) + kAttributes + "; Max-Age=0");
  }
  std::string cookie = std::string(kName) + reply->GetReflection()->GetString(*reply, field) + kAttributes;
  reply->GetReflection()->ClearField(reply, field);
  return cookie;
}

}  // namespace renxin::gateway
