#pragma once
// The JSON of a token and no more: one flat object whose values are strings, integers or lists of
// strings, without white space. Everything else is refused, duplicate members too, so there is nothing
// to be confused by.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace renxin::privacy {

using TokenValue = std::variant<std::string, std::int64_t, std::vector<std::string>>;
using TokenObject = std::map<std::string, TokenValue, std::less<>>;

// Nothing when the text is anything else.
std::optional<TokenObject> ParseTokenObject(std::string_view text);

// `text` in quotation marks with JSON's escapes.
std::string QuoteJson(std::string_view text);

}  // namespace renxin::privacy
