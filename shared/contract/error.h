#pragma once
// Errors on the wire: core's Error <-> renxin.common.v1.Error, and what each is over HTTP.

#include <string_view>

#include "shared/core/result.h"

namespace renxin::common::v1 {
class Error;
}

namespace renxin::contract {

common::v1::Error ToProto(const Error& error);
// A code that this build does not know becomes kInternal: an unknown refusal is no success.
Error FromProto(const common::v1::Error& error);

// 200 for kOk, else 4xx or 5xx.
int HttpStatus(Code code);
// The reason as it stands in `/problems/<slug>`: invalid-field.
std::string_view Slug(Reason reason);
// A fixed English title per reason (RFC 9457 `title`).
std::string_view Title(Reason reason);
// One or two sentences for the reason's page: what it means and what the caller can do.
std::string_view Explanation(Reason reason);
// The code as programs read it in a problem body: INVALID_ARGUMENT.
std::string_view CodeName(Code code);

// Codes and reasons are 0 … count - 1.
#define RENXIN_REASON(enumerator, slug, title, explanation) +1
inline constexpr int kReasonCount = 0
#include "shared/core/reasons.def"
    ;
#undef RENXIN_REASON
#define RENXIN_CODE(enumerator, name, status) +1
inline constexpr int kCodeCount = 0
#include "shared/core/codes.def"
    ;
#undef RENXIN_CODE

}  // namespace renxin::contract
