#pragma once
// The lunar calendar (农历) from a table of its months, and whose birthday a day is (N2). No library is asked: those there
// are disagree with the observatory on some days.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/time.h"

namespace renxin {

struct LunarDate {
  int year = 0;
  int month = 0;
  bool leap = false;
  int day = 0;
  bool operator==(const LunarDate&) const = default;
};

struct LunarMonth {
  Day first;
  int days = 0;
};

// Nothing outside the table: lunar years 1901 to 2099.
std::optional<LunarDate> LunarOf(Day day);
std::optional<LunarMonth> FindLunarMonth(int lunar_year, int month, bool leap);

enum class Calendar : std::uint8_t { kSolar = 1, kLunar = 2, kLunarLeap = 3 };
std::string_view CalendarName(Calendar calendar);  // solar, lunar, lunar_leap
std::optional<Calendar> CalendarFrom(std::string_view name);

// A birthday without its year.
struct Birthday {
  Calendar calendar = Calendar::kSolar;
  int month = 0;
  int day = 0;
  auto operator<=>(const Birthday&) const = default;
};

// `1990-02-30`, of that calendar; nothing when it names no day that somebody can be born on.
std::optional<Birthday> BirthdayFrom(std::string_view date, std::string_view calendar);

// N2: all birthdays that are celebrated on this day. Born 29 February: on the 28th in common years. Born in a leap month: in
// it when the lunar year has it, else in the ordinary month of that number. Day 30: on 29 in a short month.
std::vector<Birthday> BirthdayKeys(Day day);

// The days of a solar year on which it is celebrated: none, one or two of a lunar one.
std::vector<Day> BirthdaysIn(int solar_year, const Birthday& birthday);

// Which celebration a day is, so that nobody is greeted twice for one: `birthday-2026`, `birthday-lunar-2026` (its lunar year).
std::string BirthdayOccasion(Calendar calendar, Day day);

}  // namespace renxin
