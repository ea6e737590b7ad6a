#include "shared/core/lunar.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "shared/core/text.h"

namespace renxin {
namespace {

struct Row {
  int year;
  int month;
  int leap;
  int first;  // YYYYMMDD
  int days;
};
constexpr Row kRows[] = {
#include "shared/core/lunar_months.inc"
};

struct Entry {
  LunarDate month;  // its day is 1
  LunarMonth solar;
};

const std::vector<Entry>& Table() {
  static const std::vector<Entry> table = [] {
    std::vector<Entry> entries;
    for (const Row& row : kRows) {
      entries.push_back(
          {{row.year, row.month, row.leap != 0, 1}, {MakeDay(row.first / 10'000, row.first / 100 % 100, row.first % 100), row.days}});
    }
    return entries;
  }();
  return table;
}

// The month in which a lunar birthday of that lunar year lies.
std::optional<LunarMonth> MonthCelebrated(int lunar_year, const Birthday& birthday) {
  if (birthday.calendar == Calendar::kLunarLeap) {
    if (auto leap = FindLunarMonth(lunar_year, birthday.month, true)) return leap;
  }
  return FindLunarMonth(lunar_year, birthday.month, false);
}

bool IsLeapYear(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysOfMonth(int month) {
  constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[static_cast<std::size_t>(month - 1)];
}

std::optional<int> Digits(std::string_view text) {
  if (text.empty() || text.size() > 4 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return std::stoi(std::string(text));
}

}  // namespace

std::optional<LunarDate> LunarOf(Day day) {
  const std::vector<Entry>& table = Table();
  auto after = std::upper_bound(table.begin(), table.end(), day, [](Day d, const Entry& entry) { return d < entry.solar.first; });
  if (after == table.begin()) return std::nullopt;
  const Entry& entry = *--after;
  const int number = day.number - entry.solar.first.number + 1;
  if (number > entry.solar.days) return std::nullopt;  // behind the table's end
  LunarDate date = entry.month;
  date.day = number;
  return date;
}

std::optional<LunarMonth> FindLunarMonth(int lunar_year, int month, bool leap) {
  const std::vector<Entry>& table = Table();
  const auto key = [](const LunarDate& date) { return std::tuple(date.year, date.month, date.leap); };
  const auto found = std::lower_bound(table.begin(), table.end(), std::tuple(lunar_year, month, leap),
                                      [&](const Entry& entry, const auto& wanted) { return key(entry.month) < wanted; });
  if (found == table.end() || key(found->month) != std::tuple(lunar_year, month, leap)) return std::nullopt;
  return found->solar;
}

std::string_view CalendarName(Calendar calendar) {
  if (calendar == Calendar::kSolar) return "solar";
  return calendar == Calendar::kLunar ? "lunar" : "lunar_leap";
}

std::optional<Calendar> CalendarFrom(std::string_view name) {
  if (name == "solar" || name.empty()) return Calendar::kSolar;
  if (name == "lunar") return Calendar::kLunar;
  if (name == "lunar_leap") return Calendar::kLunarLeap;
  return std::nullopt;
}

std::optional<Birthday> BirthdayFrom(std::string_view date, std::string_view calendar) {
  const std::vector<std::string> parts = SplitText(date, '-');
  const auto of = CalendarFrom(calendar);
  if (parts.size() != 3 || !of || parts[0].size() != 4) return std::nullopt;
  const auto year = Digits(parts[0]);
  const auto month = Digits(parts[1]);
  const auto day = Digits(parts[2]);
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1) return std::nullopt;
  if (*day > (*of == Calendar::kSolar ? DaysOfMonth(*month) : 30)) return std::nullopt;
  return Birthday{*of, *month, *day};
}

std::vector<Birthday> BirthdayKeys(Day day) {
  int year = 0;
  int month = 0;
  int number = 0;
  SplitDay(day, &year, &month, &number);
  std::vector<Birthday> keys{{Calendar::kSolar, month, number}};
  if (month == 2 && number == 28 && !IsLeapYear(year)) keys.push_back({Calendar::kSolar, 2, 29});
  const auto lunar = LunarOf(day);
  if (!lunar) return keys;
  std::vector<Calendar> calendars{lunar->leap ? Calendar::kLunarLeap : Calendar::kLunar};
  if (!lunar->leap && !FindLunarMonth(lunar->year, lunar->month, true)) calendars.push_back(Calendar::kLunarLeap);
  const bool last_of_short = lunar->day == 29 && FindLunarMonth(lunar->year, lunar->month, lunar->leap)->days == 29;
  for (const Calendar calendar : calendars) {
    keys.push_back({calendar, lunar->month, lunar->day});
    if (last_of_short) keys.push_back({calendar, lunar->month, 30});
  }
  return keys;
}

std::vector<Day> BirthdaysIn(int solar_year, const Birthday& birthday) {
  if (birthday.calendar == Calendar::kSolar) {
    const bool moved = birthday.month == 2 && birthday.day == 29 && !IsLeapYear(solar_year);
    return {MakeDay(solar_year, birthday.month, moved ? 28 : birthday.day)};
  }
  std::vector<Day> days;
  // A lunar year begins between 21 January and 21 February: its end lies in the next solar year.
  for (int lunar_year = solar_year - 1; lunar_year <= solar_year; ++lunar_year) {
    const auto month = MonthCelebrated(lunar_year, birthday);
    if (!month) continue;
    const Day day = month->first.Plus(std::min(birthday.day, month->days) - 1);
    int year = 0;
    int unused_month = 0;
    int unused_day = 0;
    SplitDay(day, &year, &unused_month, &unused_day);
    if (year == solar_year) days.push_back(day);
  }
  return days;
}

std::string BirthdayOccasion(Calendar calendar, Day day) {
  if (calendar != Calendar::kSolar) {
    if (const auto lunar = LunarOf(day)) return "birthday-lunar-" + std::to_string(lunar->year);
  }
  int year = 0;
  int month = 0;
  int number = 0;
  SplitDay(day, &year, &month, &number);
  return "birthday-" + std::to_string(year);
}

}  // namespace renxin
