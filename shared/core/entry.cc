#include "shared/core/entry.h"

#include <algorithm>
#include <array>
#include <set>

#include "shared/core/normal.h"
#include "shared/core/text.h"

namespace renxin {
namespace {

constexpr std::chrono::minutes kRouteSlack{1};
constexpr std::chrono::hours kFileSlack{24};
constexpr int kYear = 366;
constexpr std::string_view kAhead = "lies in the future: it has not happened yet (G7)";
constexpr std::string_view kTooEarly = "lies before 1990 (G7)";
constexpr std::string_view kTooFarAhead = "lies more than a year ahead (G7)";

Day FirstOfFacts() { return MakeDay(1990, 1, 1); }
// 00:00 of 1990 in the easternmost zone: what is 1990 anywhere is taken.
Instant BeginOfFacts() { return {(std::int64_t{FirstOfFacts().number} * 24 - 14) * 3'600 * 1'000'000}; }

bool IsDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && i != 7 && (text[i] < '0' || text[i] > '9')) return false;
  }
  return true;
}

Error BadBirthday(std::string_view rule, std::string_view why) { return InvalidField("birthday", rule, why); }

// The solar day of a lunar date, when its month has it.
Result<Day> SolarOf(std::string_view text, bool leap) {
  if (!IsDate(text)) return BadBirthday("format", "not a date: YYYY-MM-DD is expected");
  const int year = std::stoi(std::string(text.substr(0, 4)));
  const int month = std::stoi(std::string(text.substr(5, 2)));
  const int day = std::stoi(std::string(text.substr(8, 2)));
  const auto found = FindLunarMonth(year, month, leap);
  if (!found)
    return BadBirthday("L3", leap ? "that lunar year has no such leap month" : "no such lunar month: years 1901 to 2099 are known");
  if (day < 1 || day > found->days) return BadBirthday("L3", "that lunar month has " + std::to_string(found->days) + " days");
  return found->first.Plus(day - 1);
}

}  // namespace

Status CheckHappened(std::string_view field, Instant at, Instant now, EntryPath path) {
  const std::chrono::microseconds slack = path == EntryPath::kRoute ? std::chrono::microseconds(kRouteSlack) : kFileSlack;
  if (at > now.Plus(slack)) return InvalidField(field, "G7", kAhead);
  if (at < BeginOfFacts()) return InvalidField(field, "G7", kTooEarly);
  return Ok{};
}

Status CheckHappenedOn(std::string_view field, Day day, Day today, EntryPath path) {
  if (day > today.Plus(path == EntryPath::kRoute ? 0 : 1)) return InvalidField(field, "G7", kAhead);
  if (day < FirstOfFacts()) return InvalidField(field, "G7", kTooEarly);
  return Ok{};
}

Status CheckAhead(std::string_view field, Instant at, Instant now) {
  if (at > now.Plus(std::chrono::hours(24 * kYear))) return InvalidField(field, "G7", kTooFarAhead);
  return Ok{};
}

Status CheckAheadOn(std::string_view field, Day day, Day today) {
  if (day > today.Plus(kYear)) return InvalidField(field, "G7", kTooFarAhead);
  return Ok{};
}

Status CheckOneOf(std::string_view field, const std::string& value, const std::vector<std::string>& allowed) {
  if (value.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return Ok{};
  return InvalidField(field, "in", "unknown code");
}

Status CheckCodes(std::string_view field, std::string_view rule, const std::vector<std::string>& codes) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::string at = std::string(field) + "[" + std::to_string(i) + "]";
    const bool is_code = !codes[i].empty() && codes[i].size() <= kCodeMost &&
                         codes[i].find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") == std::string::npos;
    if (!is_code) return InvalidField(at, "format", "must be lower-case letters, digits, '_', '-', '.'; at most 60");
    if (!seen.insert(codes[i]).second) return RuleBroken(at, rule, "is named twice: " + codes[i]);
  }
  return Ok{};
}

Status CheckCode(std::string_view field, std::string* code, bool required) {
  ASSIGN_OR_RETURN(*code, CheckText(field, *code, kCodeMost, required));
  return Ok{};
}

Result<std::string> CheckText(std::string_view field, std::string_view typed, std::size_t most, bool required) {
  const std::string_view text = ShowsNothing(typed) ? std::string_view() : TrimText(typed);
  if (text.empty() && required) return InvalidField(field, "required", "is required");
  if (CodePoints(text) > most) return InvalidField(field, "max_len", "must have at most " + std::to_string(most) + " characters");
  return std::string(text);
}

Result<std::string> CheckName(std::string_view field, std::string_view typed, bool required) {
  ASSIGN_OR_RETURN(std::string name, CheckText(field, typed, kNameMost, required));
  const std::string plain = CompatibleText(name);
  if (plain.find('*') != std::string::npos) return InvalidField(field, "G8", "is masked: \"*\" is no part of a name");
  return name;
}

Result<BirthdayText> CheckBirthday(std::string_view text, std::string_view calendar, Day today) {
  const auto of = CalendarFrom(calendar);
  if (!of) return InvalidField("birthday_calendar", "in", "must be one of solar, lunar, lunar_leap");
  if (text.empty()) return BirthdayText{};
  Day day;
  if (*of == Calendar::kSolar) {
    const auto solar = ParseDay(text);
    if (!solar) return BadBirthday("format", solar.error().fields.front().message);
    day = *solar;
  } else {
    ASSIGN_OR_RETURN(day, SolarOf(text, *of == Calendar::kLunarLeap));
  }
  if (day > today) return BadBirthday("G7", kAhead);
  return BirthdayText{std::string(text), std::string(CalendarName(*of))};
}

bool IsLikelyPlaceholder(const BirthdayText& birthday) {
  static constexpr std::array<std::string_view, 3> kUsual = {"1900-01-01", "1970-01-01", "1899-12-30"};
  // In a lunar calendar they are days like others: no system writes them there by itself.
  if (!birthday.calendar.empty() && birthday.calendar != "solar") return false;
  return std::find(kUsual.begin(), kUsual.end(), birthday.day) != kUsual.end();
}

}  // namespace renxin
