#include "shared/core/lunar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace renxin {
namespace {

struct Row {
  int year;
  int month;
  int leap;
  int first;
  int days;
};
constexpr Row kRows[] = {
#include "shared/core/lunar_months.inc"
};

Day DayOf(int date) { return MakeDay(date / 10'000, date / 100 % 100, date % 100); }

std::vector<Birthday> AllBirthdays() {
  std::vector<Birthday> all;
  constexpr int kSolarDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month) {
    for (int day = 1; day <= kSolarDays[month - 1]; ++day) all.push_back({Calendar::kSolar, month, day});
    for (int day = 1; day <= 30; ++day) {
      all.push_back({Calendar::kLunar, month, day});
      all.push_back({Calendar::kLunarLeap, month, day});
    }
  }
  return all;
}

// The rule read straight off the rows, year by year: no search, no inverse.
std::map<Birthday, std::set<Day>> ReadOffTheTable() {
  std::map<Birthday, std::set<Day>> days;
  for (const Row& row : kRows) {
    bool has_leap = false;
    for (const Row& other : kRows) has_leap = has_leap || (other.year == row.year && other.month == row.month && other.leap == 1);
    for (int day = 1; day <= 30; ++day) {
      const Day on = DayOf(row.first).Plus(std::min(day, row.days) - 1);
      if (row.leap == 0) days[{Calendar::kLunar, row.month, day}].insert(on);
      if (row.leap == 1 || !has_leap) days[{Calendar::kLunarLeap, row.month, day}].insert(on);
    }
  }
  return days;
}

TEST(Lunar, the_table_has_no_gap) {
  for (std::size_t i = 1; i < std::size(kRows); ++i) {
    EXPECT_EQ(DayOf(kRows[i - 1].first).Plus(kRows[i - 1].days), DayOf(kRows[i].first)) << kRows[i].first;
  }
  EXPECT_EQ(kRows[0].first, 19010219);
  EXPECT_EQ(std::size(kRows), 2461U);
}

TEST(Lunar, every_day_of_every_month_is_found_both_ways) {
  for (const Row& row : kRows) {
    const auto month = FindLunarMonth(row.year, row.month, row.leap == 1);
    ASSERT_TRUE(month);
    EXPECT_EQ(month->first, DayOf(row.first));
    EXPECT_EQ(month->days, row.days);
    for (int day = 1; day <= row.days; ++day) {
      EXPECT_EQ(LunarOf(DayOf(row.first).Plus(day - 1)), (LunarDate{row.year, row.month, row.leap == 1, day}));
    }
  }
}

TEST(Lunar, outside_the_table_is_nothing) {
  EXPECT_FALSE(LunarOf(MakeDay(1901, 2, 18)));
  EXPECT_TRUE(LunarOf(MakeDay(1901, 2, 19)));
  EXPECT_TRUE(LunarOf(MakeDay(2100, 2, 8)));
  EXPECT_FALSE(LunarOf(MakeDay(2100, 2, 9)));
  EXPECT_FALSE(FindLunarMonth(1900, 1, false));
  EXPECT_FALSE(FindLunarMonth(2100, 1, false));
  EXPECT_FALSE(FindLunarMonth(2026, 2, true));
}

TEST(Lunar, days_that_libraries_get_wrong) {
  EXPECT_EQ(LunarOf(MakeDay(2027, 2, 6)), (LunarDate{2027, 1, false, 1}));
  EXPECT_EQ(LunarOf(MakeDay(2030, 2, 3)), (LunarDate{2030, 1, false, 1}));
  EXPECT_EQ(LunarOf(MakeDay(1987, 7, 26)), (LunarDate{1987, 6, true, 1}));
  EXPECT_EQ(LunarOf(MakeDay(2033, 12, 22)), (LunarDate{2033, 11, true, 1}));
  EXPECT_EQ(LunarOf(MakeDay(2026, 2, 17)), (LunarDate{2026, 1, false, 1}));
}

// N2, for every solar day from 1901 to 2099 and every birthday there can be.
TEST(Birthdays, N2_both_directions_agree_with_each_other_and_with_the_table) {
  const auto expected = ReadOffTheTable();
  std::map<Birthday, std::set<Day>> by_key;
  for (Day day = MakeDay(1901, 1, 1); day < MakeDay(2100, 1, 1); day = day.Plus(1)) {
    const std::vector<Birthday> keys = BirthdayKeys(day);
    EXPECT_EQ(std::set<Birthday>(keys.begin(), keys.end()).size(), keys.size()) << FormatDay(day);
    for (const Birthday& key : keys) by_key[key].insert(day);
  }
  for (const Birthday& birthday : AllBirthdays()) {
    std::set<Day> by_year;
    for (int year = 1901; year <= 2099; ++year) {
      for (const Day day : BirthdaysIn(year, birthday)) by_year.insert(day);
    }
    EXPECT_EQ(by_year, by_key[birthday]) << CalendarName(birthday.calendar) << birthday.month << "-" << birthday.day;
    if (birthday.calendar == Calendar::kSolar) continue;
    std::set<Day> table = expected.at(birthday);
    std::erase_if(table, [](Day day) { return day >= MakeDay(2100, 1, 1); });
    EXPECT_EQ(by_year, table) << CalendarName(birthday.calendar) << birthday.month << "-" << birthday.day;
  }
}

TEST(Birthdays, N2_a_solar_birthday_is_once_in_every_year) {
  for (const Birthday& birthday : AllBirthdays()) {
    if (birthday.calendar != Calendar::kSolar) continue;
    for (int year = 1901; year <= 2099; ++year) EXPECT_EQ(BirthdaysIn(year, birthday).size(), 1U);
  }
}

struct Case {
  const char* what;
  int year;
  Birthday birthday;
  std::vector<Day> days;
};

TEST(Birthdays, N2_cases) {
  const Case cases[] = {
      {"29 February in a common year", 2026, {Calendar::kSolar, 2, 29}, {MakeDay(2026, 2, 28)}},
      {"29 February in a leap year", 2028, {Calendar::kSolar, 2, 29}, {MakeDay(2028, 2, 29)}},
      {"29 February in 2000", 2000, {Calendar::kSolar, 2, 29}, {MakeDay(2000, 2, 29)}},
      {"lunar new year", 2026, {Calendar::kLunar, 1, 1}, {MakeDay(2026, 2, 17)}},
      {"born in a leap 6th month, the year has it", 2025, {Calendar::kLunarLeap, 6, 1}, {MakeDay(2025, 7, 25)}},
      {"born in the ordinary 6th month of a year with a leap one: once", 2025, {Calendar::kLunar, 6, 1}, {MakeDay(2025, 6, 25)}},
      {"born in a leap 6th month, the year has none", 2026, {Calendar::kLunarLeap, 6, 1}, {MakeDay(2026, 7, 14)}},
      {"day 30 in a short 12th month: New Year's Eve on 29", 2026, {Calendar::kLunar, 12, 30}, {MakeDay(2026, 2, 16)}},
      {"two in one solar year", 2027, {Calendar::kLunar, 12, 1}, {MakeDay(2027, 1, 8), MakeDay(2027, 12, 28)}},
      {"none in one solar year", 2028, {Calendar::kLunar, 12, 1}, {}},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(BirthdaysIn(one.year, one.birthday), one.days) << one.what;
  }
}

TEST(Birthdays, N2_a_solar_year_holds_none_one_or_two_of_a_lunar_birthday) {
  std::map<std::size_t, int> how_often;
  for (const Birthday& birthday : AllBirthdays()) {
    if (birthday.calendar == Calendar::kSolar) continue;
    for (int year = 1902; year <= 2099; ++year) ++how_often[BirthdaysIn(year, birthday).size()];
  }
  EXPECT_EQ(how_often.size(), 3U);
  EXPECT_GT(how_often[0], 0);
  EXPECT_GT(how_often[2], 0);
  EXPECT_EQ(BirthdaysIn(2033, {Calendar::kLunarLeap, 11, 1}), std::vector<Day>{MakeDay(2033, 12, 22)});
}

TEST(Birthdays, N2_an_occasion_is_named_by_its_own_year) {
  EXPECT_EQ(BirthdayOccasion(Calendar::kSolar, MakeDay(2026, 1, 1)), "birthday-2026");
  EXPECT_EQ(BirthdayOccasion(Calendar::kLunar, MakeDay(2026, 2, 16)), "birthday-lunar-2025");
  EXPECT_EQ(BirthdayOccasion(Calendar::kLunarLeap, MakeDay(2026, 2, 17)), "birthday-lunar-2026");
}

TEST(Birthdays, N2_what_is_no_birthday) {
  EXPECT_EQ(BirthdayFrom("1990-02-29", "solar"), (Birthday{Calendar::kSolar, 2, 29}));
  EXPECT_EQ(BirthdayFrom("1990-02-30", "lunar"), (Birthday{Calendar::kLunar, 2, 30}));
  EXPECT_EQ(BirthdayFrom("1990-12-01", ""), (Birthday{Calendar::kSolar, 12, 1}));
  EXPECT_EQ(BirthdayFrom("1990-06-01", "lunar_leap"), (Birthday{Calendar::kLunarLeap, 6, 1}));
  for (const char* bad : {"", "1990-02", "1990-13-01", "1990-00-01", "1990-02-31", "1990-02-00", "90-02-01", "1990-xx-01"}) {
    EXPECT_FALSE(BirthdayFrom(bad, "lunar")) << bad;
  }
  EXPECT_FALSE(BirthdayFrom("1990-02-30", "solar"));
  EXPECT_FALSE(BirthdayFrom("1990-02-01", "julian"));
}

}  // namespace
}  // namespace renxin
