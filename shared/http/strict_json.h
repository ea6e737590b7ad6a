#pragma once
// A look at a JSON text before Protobuf's own parser sees it, which is neither strict nor safe
// (anchors/pitfalls 7.2): it takes trailing commas and bare words, lets the last of two equal keys win and
// needs minutes for nested arrays.

#include <optional>
#include <string_view>

#include "shared/core/result.h"

namespace renxin::http {

inline constexpr std::size_t kJsonMaxDepth = 32;

// Nothing when `text` is one strict JSON object; else kInvalidArgument / kMalformedJson, with the byte
// offset and never with what stands there. Refused: anything RFC 8259 does not allow, more than 32 levels,
// equal keys (camelCase and snake_case count as equal: Protobuf takes both for one field), bad UTF-8, lone
// surrogates, U+0000, numbers a double cannot hold, integers outside int64, and whole numbers from 2^53 up
// that are written with a point or an exponent (they would be rounded in silence).
std::optional<Error> CheckJson(std::string_view text);

}  // namespace renxin::http
