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

Error NotOurPage() { return InvalidField("page_token", "format", "not a page token of this list"); }

Result<Place> ParsePlace(std::string_view token) {
  const std::size_t bar = token.find('_');
  Place place;
  if (bar == std::string_view::npos || bar + 1 == token.size() || !ParseWhole(token.substr(0, bar), &place.number)) return NotOurPage();
  place.key = token.substr(bar + 1);
  return place;
}

std::string PlaceToken(const Place& place) { return std::to_string(place.number) + "_" + place.key; }

Result<std::int64_t> ParseOffset(std::string_view token) {
  std::int64_t number = 0;
  if (token.empty()) return number;
  if (token.size() > kDigitsMax || token.front() == '-' || !ParseWhole(token, &number)) return NotOurPage();
  return number;
}

}  // namespace renxin::contract
