#pragma once
// Which consent decides (P2).

#include <string>
#include <vector>

#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::leads::customers {

struct Decision {
  std::string purpose;
  bool given = false;
  Instant at;  // of the decision itself; 0 when nobody knows it
  bool operator==(const Decision&) const = default;
};

// P2: the latest by its own time; of two at the same time the withdrawal. Null when nothing was ever decided: then there is
// no consent.
const Decision* Deciding(const std::vector<Decision>& decisions, const std::string& purpose);

// P2: a decision is not made in the future.
Status CheckDecision(Instant at, Instant now);

}  // namespace renxin::leads::customers
