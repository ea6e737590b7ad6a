#pragma once
// Errors as RFC 9457 problem details.

#include <string>
#include <string_view>

#include "shared/core/result.h"

namespace renxin::http {

inline constexpr std::string_view kProblemType = "application/problem+json";

// What is no HTTP, query, path or form as it should be: 400, malformed-request.
Error Malformed(std::string_view message);

// type, title, status, detail, instance, code, reason, errors[], trace_id. `instance` names this
// occurrence (`urn:renxin:trace:<id>` when empty); personal data must not be in `error` (see core/result.h).
std::string ProblemBody(const Error& error, std::string_view instance, std::string_view trace_id);

// The page behind /problems/<slug>; empty for a slug there is none of.
std::string ProblemPage(std::string_view slug);

}  // namespace renxin::http
