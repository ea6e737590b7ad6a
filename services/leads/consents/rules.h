#pragma once
// Which decision on a consent counts, and what one must be to be written down (P2).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/core/entry.h"
#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::leads::consents {

struct Decision {
  std::string purpose;
  bool given = false;
  Instant at;  // of the decision itself; 0 when nobody knows it
  Instant recorded_at{INT64_MAX};
  bool operator==(const Decision&) const = default;
};

// P2: the latest by its own time, which counts as the time it was recorded where it lies behind that; of two at the same time the
// withdrawal. Null when nothing was ever decided: then there is no consent.
const Decision* Deciding(const std::vector<Decision>& decisions, const std::string& purpose);

// What a route or a row says of a decision; `at` and `source` are what the entry path calls them.
struct ConsentFields {
  std::string_view at = "at";
  std::string_view source = "source";
};
// G7: a decision is not made in the future. The source as it is kept.
Result<std::string> CheckConsent(const ConsentFields& names, std::optional<Instant> at, const std::string& source, Instant now,
                                 EntryPath path);

}  // namespace renxin::leads::consents
