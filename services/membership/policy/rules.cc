#include "services/membership/policy/rules.h"

#include <set>

namespace renxin::membership::policy {
namespace {

constexpr std::size_t kLongest = 60;

bool IsCode(const std::string& text) {
  return !text.empty() && text.size() <= kLongest && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") == std::string::npos;
}

}  // namespace

Status CheckBegin(Day effective_from, Day today) {
  if (effective_from > today) return Ok{};
  return InvalidField("effective_from", "policy", "must be after today, " + FormatDay(today));
}

Status CheckCodes(const std::string& field, const std::vector<std::string>& codes) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::string at = field + "[" + std::to_string(i) + "]";
    if (!IsCode(codes[i])) return InvalidField(at, "format", "must be lower-case letters, digits, '_', '-', '.'; at most 60");
    if (!seen.insert(codes[i]).second) return InvalidField(at, "policy", "stands twice: " + codes[i]);
  }
  return Ok{};
}

}  // namespace renxin::membership::policy
