#pragma once
// What every entry path checks of a value, in the same words (G7, G8, L3): routes, rows of files and rows that waited call these.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/lunar.h"
#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin {

// A row that waited is checked as the row of a file that it is.
enum class EntryPath : std::uint8_t { kRoute, kFile };

// G7: what has happened does not lie ahead (by a route a minute, by a file a day, as clocks differ) nor before 1990.
Status CheckHappened(std::string_view field, Instant at, Instant now, EntryPath path);
// The same for a fact that is known by its day: by a route today at the latest, by a file tomorrow.
Status CheckHappenedOn(std::string_view field, Day day, Day today, EntryPath path);
// G7: what may lie ahead (joining, leaving, moves, assignments, slots) does so by a year at most.
Status CheckAhead(std::string_view field, Instant at, Instant now);
Status CheckAheadOn(std::string_view field, Day day, Day today);

// One of those that policy or the contract knows; empty stays empty.
Status CheckOneOf(std::string_view field, const std::string& value, const std::vector<std::string>& allowed);

// G8: text as it is kept. Missing is what shows nothing; then refused where it is required. `most` counts characters.
Result<std::string> CheckText(std::string_view field, std::string_view typed, std::size_t most, bool required = false);
// The same, and no masked value (`王*`), which would overwrite what is known.
Result<std::string> CheckName(std::string_view field, std::string_view typed, bool required = false);

// L3, N2: a birthday as it is kept, in its calendar (solar, lunar, lunar_leap; empty stands for solar). The calendar is checked even
// without a birthday. A lunar one must exist in the table of months.
struct BirthdayText {
  std::string day;       // YYYY-MM-DD of that calendar, or empty
  std::string calendar;  // empty where there is no birthday
};
Result<BirthdayText> CheckBirthday(std::string_view text, std::string_view calendar, Day today);

// L11: what systems write when nobody was asked: 1900-01-01, 1970-01-01, 1899-12-30 of the solar calendar.
bool IsLikelyPlaceholder(const BirthdayText& birthday);

constexpr std::size_t kNameMost = 60;
constexpr std::size_t kCodeMost = 60;

// A list of codes of ours ([a-z0-9_.-], at most 60 characters each), each named once; `rule` is the one that asks for the list.
Status CheckCodes(std::string_view field, std::string_view rule, const std::vector<std::string>& codes);

// Trims a code in place, of at most 60 characters.
Status CheckCode(std::string_view field, std::string* code, bool required = false);

}  // namespace renxin
