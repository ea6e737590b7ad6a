#include "shared/contract/page.h"

#include <charconv>

namespace renxin::contract {
namespace {

constexpr std::size_t kDigitsMax = 18;  // any so long fits

bool ParseWhole(std::string_view text, std::int64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Error InvalidPageToken() { return InvalidField("page_token", "format", "not a page token of this list"); }

Result<Cursor> DecodeCursor(std::string_view token) {
  const std::size_t bar = token.find('_');
  Cursor cursor;
  if (bar == std::string_view::npos || bar + 1 == token.size() || !ParseWhole(token.substr(0, bar), &cursor.number))
    return InvalidPageToken();
  cursor.key = token.substr(bar + 1);
  return cursor;
}

std::string EncodeCursor(const Cursor& cursor) { return std::to_string(cursor.number) + "_" + cursor.key; }

Result<std::int64_t> ParseOffset(std::string_view token) {
  std::int64_t number = 0;
  if (token.empty()) return number;
  if (token.size() > kDigitsMax || token.front() == '-' || !ParseWhole(token, &number)) return InvalidPageToken();
  return number;
}

}  // namespace renxin::contract
