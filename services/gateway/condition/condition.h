#pragma once
// Conditions on the version of a record (RFC 9110, 13): `ETag` says it, `If-None-Match` spares the body, `If-Match` keeps a
// change from being made to something its sender has not seen. The version is the int64 field `version` of the reply.

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

#include "shared/core/result.h"
#include "shared/http/rules.h"

namespace renxin::gateway {

// The field, or nullptr where a message has none.
const google::protobuf::FieldDescriptor* VersionField(const google::protobuf::Descriptor* message);

// `If-Match` as the service gets it: the version in digits, `*`, or empty when there is none. Refused where nobody
// would compare it (`supported` is the rpc's if_match), and when it is not one strong tag of ours.
Result<std::string> IfMatchOf(const http::Head& head, bool supported);

// `"7"`
std::string EntityTag(std::int64_t version);
// Whether one of the tags of `If-None-Match` is this one; a weak one counts, `*` is any.
bool NamedByIfNoneMatch(const http::Head& head, std::string_view tag);

}  // namespace renxin::gateway
