#pragma once
// A browser's refresh token lives in a cookie that no script can read. It is used only where the request says that it comes from the
// console (`Renxin-Console: 1`, a header that no page of another site can send without our leave), and only by anonymous rpcs whose
// messages have a field `refresh_token`; every other client has the token in the body.

#include <google/protobuf/message.h>

#include <optional>
#include <string>

#include "shared/http/rules.h"

namespace renxin::gateway {

// Puts the cookie's token into the request message when the body has none.
void RefreshTokenFromCookie(const http::Head& head, google::protobuf::Message* request);

// Takes the token out of the reply and answers the value of Set-Cookie; that which forgets the cookie when the request had a token and
// the reply has no place for one. Nothing where no cookie is to be set.
std::optional<std::string> RefreshTokenToCookie(const http::Head& head, const google::protobuf::Descriptor* request,
                                                google::protobuf::Message* reply);

}  // namespace renxin::gateway
