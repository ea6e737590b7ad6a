#pragma once
// The filter of a list by day: `day_from` and `day_to`, days of the hospital's calendar, both of them included, each may be left out.

#include <cstdint>
#include <limits>

#include "shared/core/time.h"

namespace renxin::runtime {

// In microseconds, `to` excluded.
struct DayRange {
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
};

template <class Req>
Result<DayRange> ReadDayRange(const Zone& zone, const Req& req) {
  DayRange range;
  if (!req.day_from().empty()) {
    ASSIGN_OR_RETURN(const Day from, ParseDay(req.day_from()));
    range.from = zone.StartOf(from).micros;
  }
  if (!req.day_to().empty()) {
    ASSIGN_OR_RETURN(const Day to, ParseDay(req.day_to()));
    range.to = zone.StartOf(to.Plus(1)).micros;
  }
  if (range.from >= range.to) return InvalidField("day_to", "order", "lies before day_from");
  return range;
}

}  // namespace renxin::runtime
