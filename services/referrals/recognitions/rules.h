#pragma once
// Recognition as pure functions: shares that must fit (IMPORT.md).

#include <optional>
#include <string>
#include <vector>

#include "shared/core/entry.h"

namespace renxin::referrals::recognitions {

inline constexpr int kWhole = 10'000;

struct Share {
  std::string id;
  Day from;
  std::optional<Day> until;  // included; nothing: open
  int share_bp = 0;
};

// G7: when an attribution holds: it may begin and end ahead, by a year at most. `until` included; nothing: open.
Status CheckDays(Day from, std::optional<Day> until, Day today);

// The first day on which the shares of one customer with `added` among them would add up to more than
// the whole; nothing when they fit. An earlier version of `added` (same id) does not count.
std::optional<Day> FirstOverfull(const std::vector<Share>& others, const Share& added);

}  // namespace renxin::referrals::recognitions
