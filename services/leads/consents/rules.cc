#include "services/leads/consents/rules.h"

#include <algorithm>

namespace renxin::leads::consents {
namespace {

// A consent from the future that was let in once does not outlive what was said after it.
Instant TimeOf(const Decision& one) { return std::min(one.at, one.recorded_at); }

}  // namespace

const Decision* Deciding(const std::vector<Decision>& decisions, const std::string& purpose) {
  const Decision* found = nullptr;
  for (const Decision& one : decisions) {
    if (one.purpose != purpose) continue;
    const bool later = found == nullptr || TimeOf(one) > TimeOf(*found) || (TimeOf(one) == TimeOf(*found) && !one.given);
    if (later) found = &one;
  }
  return found;
}

Result<std::string> CheckConsent(const ConsentFields& names, std::optional<Instant> at, const std::string& source, Instant now,
                                 EntryPath path) {
  if (at) RETURN_IF_ERROR(CheckHappened(names.at, *at, now, path));
  return CheckText(names.source, source, kCodeMost);
}

}  // namespace renxin::leads::consents
