#pragma once
// The query of a request, decoded.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/core/result.h"

namespace renxin::http {

// Decodes %XX once ('+' is a space in a query). Nothing for a bad escape and for what is no clean UTF-8.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

// Pairs in their order; at most 64. Refuses (kMalformedRequest) an empty name and bad escapes.
Result<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view raw_query);

}  // namespace renxin::http
