#include "services/leads/customers/rules.h"

namespace renxin::leads::customers {
namespace {
// Clocks differ a little between a counter's machine and ours.
constexpr std::chrono::microseconds kClocksDiffer{60'000'000};
}  // namespace

const Decision* Deciding(const std::vector<Decision>& decisions, const std::string& purpose) {
  const Decision* found = nullptr;
  for (const Decision& one : decisions) {
    if (one.purpose != purpose) continue;
    const bool later = found == nullptr || one.at > found->at || (one.at == found->at && !one.given);
    if (later) found = &one;
  }
  return found;
}

Status CheckDecision(Instant at, Instant now) {
  if (at > now.Plus(kClocksDiffer)) return InvalidField("at", "P2", "a decision is not made in the future");
  return Ok{};
}

}  // namespace renxin::leads::customers
