#pragma once
// Instants, days and months (G3). Storage and wire are UTC; a day and a month are the hospital's.

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "shared/core/result.h"

namespace renxin {

// Microseconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t micros = 0;
  auto operator<=>(const Instant&) const = default;
  Instant Plus(std::chrono::microseconds d) const { return {micros + d.count()}; }
};

// A calendar day, counted from 1970-01-01.
struct Day {
  std::int32_t number = 0;
  auto operator<=>(const Day&) const = default;
  Day Plus(int days) const { return {number + days}; }
};

// A calendar month, year * 12 + (month - 1).
struct Month {
  std::int32_t number = 0;
  auto operator<=>(const Month&) const = default;
  Month Plus(int months) const { return {number + months}; }
};

// The wall clock. Only the wrapper and the edges read it; a rule gets `now` as an argument.
Instant SystemNow();

// RFC 3339 with an offset (`2026-02-16T09:00:00+08:00`, `…Z`). Any number of decimals of a second is read and cut to microseconds; a leap
// second is the end of its minute. Refused: no offset, 30 February, 24:00.
Result<Instant> ParseTime(std::string_view text);
// `2026-02-16T01:00:00Z`, with micros only where there are any.
std::string FormatTime(Instant t);

// YYYY-MM-DD, years 1800 to 9999.
Result<Day> ParseDay(std::string_view text);
std::string FormatDay(Day d);
Day MakeDay(int year, int month, int day);
void SplitDay(Day d, int* year, int* month, int* day);

// YYYY-MM.
Result<Month> ParseMonth(std::string_view text);
std::string FormatMonth(Month m);
Month MonthOf(Day d);
Day FirstDay(Month m);

// A time zone by its IANA name; throws std::runtime_error for an unknown one.
class Zone {
 public:
  explicit Zone(std::string_view name);
  Day DayOf(Instant t) const;
  Month MonthOf(Instant t) const { return renxin::MonthOf(DayOf(t)); }
  // 00:00 of that day in the zone.
  Instant StartOf(Day d) const;
  // That many minutes after midnight by the clock on the wall (540: 09:00), also on a day that is an hour shorter or longer.
  Instant At(Day d, int minute) const;
  Instant StartOf(Month m) const { return StartOf(FirstDay(m)); }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  const void* zone_;  // date::time_zone, kept out of the header for its compile time
};

}  // namespace renxin
