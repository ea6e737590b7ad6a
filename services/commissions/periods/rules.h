#pragma once
// C13: when a period may be locked, as a pure function.

#include <optional>
#include <string>
#include <vector>

#include "shared/core/money.h"
#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::commissions::periods {

struct DayTotal {
  std::string day;
  std::int64_t count = 0;
  Fen net = 0;
  std::int64_t versions = 0;
};

struct LockQuestion {
  Month period;
  Month current;                     // in which now lies
  std::vector<Month> locked;         // ascending
  std::optional<Month> first_month;  // of the first settled fact
  std::vector<DayTotal> ours;
  std::vector<DayTotal> theirs;        // leads'
  std::vector<DayTotal> our_closings;  // of courses; without amounts
  std::vector<DayTotal> their_closings;
  std::int64_t under_way = 0;     // imports and waiting rows at leads
  std::int64_t dead_letters = 0;  // facts that could not be taken here
};

Error AlreadyLocked(Month period);

// Refused with the list of what stands in the way: locked already; not over; an earlier one still open;
// something under way; a day whose control total (count, fen, versions) differs.
Status MayLock(const LockQuestion& question);

}  // namespace renxin::commissions::periods
