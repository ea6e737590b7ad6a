#pragma once
// C13: which months there are, when the first period may be set and when a period may be locked, as pure functions.

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

// What all of a service's records add up to, there and where they were taken.
struct RecordTotal {
  std::int64_t count = 0;
  std::int64_t versions = 0;
  bool operator==(const RecordTotal&) const = default;
};
struct TotalPair {
  std::string owner;  // referrals
  std::string what;   // recognitions
  std::string taker;  // here
  RecordTotal theirs;
  RecordTotal ours;
};

// What is not finished at a service: imports and waiting rows, dead-letter entries.
struct ServiceState {
  std::string service;
  std::int64_t under_way = 0;
  std::int64_t dead_letters = 0;
};

struct EarlierMonth {
  std::string month;
  std::int64_t settlements = 0;
  Fen net = 0;
};

struct LockQuestion {
  Month period;
  Month current;              // in which now lies
  std::vector<Month> locked;  // ascending
  std::optional<Month> first_period;
  std::vector<EarlierMonth> earlier;  // months before the period that hold facts
  std::vector<DayTotal> ours;
  std::vector<DayTotal> theirs;        // leads'
  std::vector<DayTotal> our_closings;  // of courses; without amounts
  std::vector<DayTotal> their_closings;
  std::vector<TotalPair> totals;
  std::vector<ServiceState> services;
};

// The month of the earliest fact that is believed (G7).
inline constexpr Month kEarliest{1990 * 12};
// For every route that takes a month: not before 1990, not after the current one.
Status CheckMonth(Month period, Month current);

// The same, and only until something is locked.
Status MaySetFirstPeriod(Month period, Month current, const std::vector<Month>& locked);

// The numbers are those of PeriodState in the contract.
enum class State : std::uint8_t { kUnspecified = 0, kOpen = 1, kLocked = 2, kHistory = 3 };
State StateOf(Month period, std::optional<Month> first_period, bool locked);

struct MonthList {
  std::optional<Month> from;  // of the facts
  std::optional<Month> last;
  Month current;
  std::optional<Month> first_period;
  std::vector<Month> locked;          // ascending
  State state = State::kUnspecified;  // unspecified: all
  std::optional<Month> before;        // where the page before ended
};
// The months that there are, from the current one back to the earliest with a fact or a lock; `count` of them at most.
std::vector<Month> ListMonths(const MonthList& question, std::size_t count);

Error AlreadyLocked(Month period);
Error NotReady(Month period);

// Refused with the list of what stands in the way: locked already; not over; history; an earlier one still open, or holding facts though
// no first period is set; something under way; a control total that differs.
Status MayLock(const LockQuestion& question);

}  // namespace renxin::commissions::periods
