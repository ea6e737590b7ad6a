#include "shared/http/query.h"

#include "shared/core/text.h"
#include "shared/http/problem.h"

namespace renxin::http {
namespace {

constexpr std::size_t kMaxParameters = 64;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!IsCleanUtf8(out)) {
    return std::nullopt;
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view raw_query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (raw_query.empty()) {
    return pairs;
  }
  for (const auto& part : SplitText(raw_query, '&')) {
    const auto equals = part.find('=');
    const auto name = PercentDecode(std::string_view(part).substr(0, equals), true);
    const auto value =
        equals == std::string::npos ? std::optional<std::string>("") : PercentDecode(std::string_view(part).substr(equals + 1), true);
    if (!name || name->empty() || !value) {
      return Malformed("the query is malformed");
    }
    if (pairs.size() == kMaxParameters) {
      return Malformed("the query has too many parameters");
    }
    pairs.emplace_back(*name, *value);
  }
  return pairs;
}

}  // namespace renxin::http
