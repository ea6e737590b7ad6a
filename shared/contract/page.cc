#include "shared/contract/page.h"

#include <charconv>
#include <optional>

#include "shared/core/text.h"

namespace renxin::contract {
namespace {

constexpr char kBetween = '\x1f';  // no key holds it

std::optional<std::int64_t> ParseNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool Fits(KeyPart part, const std::string& text) {
  switch (part) {
    case KeyPart::kUuid:
      return IsUuid(text);
    case KeyPart::kNumber:
      return ParseNumber(text).has_value();
    case KeyPart::kText:
      return true;
  }
  return false;
}

}  // namespace

Error InvalidPageToken() { return InvalidField("page_token", "format", "not a page token of this list"); }

std::int64_t Page::Number(std::size_t i) const { return i < after_.size() ? ParseNumber(after_[i]).value_or(0) : 0; }

Result<Page> ReadPage(const List& list, int page_size, std::string_view page_token) {
  if (page_size < 0 || page_size > Page::kMaxSize) return InvalidField("page_size", "range", "must be from 0 to 200");
  if (page_token.empty()) return Page(page_size);
  const std::optional<std::string> text = FromBase64Url(page_token);
  if (!text) return InvalidPageToken();
  std::vector<std::string> parts = SplitText(*text, kBetween);
  if (parts.size() != list.key.size() + 1 || parts.front() != list.name) return InvalidPageToken();
  parts.erase(parts.begin());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!Fits(list.key[i], parts[i])) return InvalidPageToken();
  }
  return Page(page_size, std::move(parts));
}

std::string PageToken(const List& list, const std::vector<std::string>& key) {
  std::string text(list.name);
  for (const std::string& part : key) {
    text += kBetween;
    text += part;
  }
  return ToBase64Url(text);
}

}  // namespace renxin::contract
