#include "shared/core/entry.h"

#include <gtest/gtest.h>

#include "shared/testing/days.h"

namespace renxin {
namespace {

const Instant kNow = *ParseTime("2026-05-10T10:00:00+08:00");

TEST(Entry, G7_what_has_happened_does_not_lie_ahead_nor_before_1990) {
  struct Case {
    const char* at;
    bool by_route;
    bool by_file;
  };
  for (const Case& c : {Case{"2026-05-10T10:00:00+08:00", true, true}, Case{"2026-05-10T10:01:00+08:00", true, true},
                        Case{"2026-05-10T10:01:01+08:00", false, true}, Case{"2026-05-11T10:00:00+08:00", false, true},
                        Case{"2026-05-11T10:00:01+08:00", false, false}, Case{"2062-01-05T00:00:00Z", false, false},
                        Case{"9999-12-31T23:59:59Z", false, false}, Case{"1990-01-01T00:00:00+08:00", true, true},
                        Case{"1989-12-31T00:00:00Z", false, false}, Case{"1800-01-01T00:00:00+14:00", false, false}}) {
    EXPECT_EQ(CheckHappened("at", T(c.at), kNow, EntryPath::kRoute).ok(), c.by_route) << c.at;
    EXPECT_EQ(CheckHappened("at", T(c.at), kNow, EntryPath::kFile).ok(), c.by_file) << c.at;
  }
  const Error error = CheckHappened("settled_at", T("2062-01-05T00:00:00Z"), kNow, EntryPath::kRoute).error();
  EXPECT_EQ(error.fields.front().field, "settled_at");
  EXPECT_EQ(error.fields.front().rule, "G7");
  EXPECT_NE(error.fields.front().message.find("G7"), std::string::npos);
}

TEST(Entry, G7_a_day_of_a_fact_is_today_at_the_latest) {
  const Day today = D("2026-05-10");
  EXPECT_TRUE(CheckHappenedOn("on", today, today, EntryPath::kRoute));
  EXPECT_FALSE(CheckHappenedOn("on", today.Plus(1), today, EntryPath::kRoute));
  EXPECT_TRUE(CheckHappenedOn("on", today.Plus(1), today, EntryPath::kFile));
  EXPECT_FALSE(CheckHappenedOn("on", today.Plus(2), today, EntryPath::kFile));
  EXPECT_FALSE(CheckHappenedOn("on", D("1989-12-31"), today, EntryPath::kFile));
}

TEST(Entry, G7_what_may_lie_ahead_does_so_by_a_year_at_most) {
  const Day today = D("2026-05-10");
  EXPECT_TRUE(CheckAheadOn("from", D("2027-05-10"), today));
  EXPECT_FALSE(CheckAheadOn("from", D("2027-05-12"), today));
  EXPECT_TRUE(CheckAheadOn("from", D("1985-01-01"), today));
  EXPECT_TRUE(CheckAhead("slot_start", T("2027-05-10T10:00:00+08:00"), kNow));
  EXPECT_FALSE(CheckAhead("slot_start", T("2062-05-10T10:00:00+08:00"), kNow));
}

TEST(Entry, L3_a_birthday_is_one_that_somebody_can_have) {
  struct Case {
    const char* day;
    const char* calendar;
    const char* field;  // of the refusal; empty: taken
  };
  for (const Case& c : {Case{"1990-02-28", "", ""},
                        Case{"1990-02-28", "solar", ""},
                        Case{"2026-05-10", "", ""},
                        Case{"2026-05-11", "", "birthday"},
                        Case{"2062-05-05", "", "birthday"},
                        Case{"9999-12-31", "", "birthday"},
                        Case{"1990-02-30", "", "birthday"},
                        Case{"1990-02-30", "lunar", ""},
                        Case{"2015-09-01", "lunar_leap", "birthday"},
                        Case{"1990-06-01", "lunar_leap", "birthday"},
                        Case{"2033-07-01", "lunar_leap", "birthday"},
                        Case{"2020-04-30", "lunar_leap", "birthday"},
                        Case{"2020-04-29", "lunar_leap", ""},
                        Case{"1900-05-01", "lunar", "birthday"},
                        Case{"2026-12-01", "lunar", "birthday"},
                        Case{"1990-2-3", "lunar", "birthday"},
                        Case{"1990-13-01", "lunar", "birthday"},
                        Case{"", "nonsense", "birthday_calendar"},
                        Case{"1990-02-28", "moon", "birthday_calendar"},
                        Case{"", "", ""},
                        Case{"", "lunar", ""},
                        Case{"1900-01-01", "", ""},
                        Case{"1899-12-30", "", ""}}) {
    const auto birthday = CheckBirthday(c.day, c.calendar, D("2026-05-10"));
    EXPECT_EQ(birthday ? "" : birthday.error().fields.front().field, c.field) << c.day << " " << c.calendar;
  }
  EXPECT_EQ(CheckBirthday("1990-02-28", "", D("2026-05-10"))->calendar, "solar");
  EXPECT_EQ(CheckBirthday("", "lunar", D("2026-05-10"))->calendar, "");
}

TEST(Entry, L11_a_likely_placeholder_is_one_of_three_days) {
  for (const char* day : {"1900-01-01", "1970-01-01", "1899-12-30"}) EXPECT_TRUE(IsLikelyPlaceholder({day, "solar"})) << day;
  EXPECT_TRUE(IsLikelyPlaceholder({"1970-01-01", ""}));
  EXPECT_FALSE(IsLikelyPlaceholder({"1970-01-01", "lunar"})) << "New Year of a lunar year";
  for (const char* day : {"", "1990-01-01", "1970-01-02"}) EXPECT_FALSE(IsLikelyPlaceholder({day, "solar"})) << day;
}

TEST(Entry, G8_text_is_kept_trimmed_and_what_shows_nothing_is_missing) {
  EXPECT_EQ(*CheckText("city", "\u3000 深圳\u200B", 60), "深圳");
  EXPECT_EQ(*CheckText("city", "\u200B", 60), "");
  EXPECT_EQ(CheckText("name", "\u00A0", 60, true).error().fields.front().message, "is required");
  EXPECT_EQ(CheckText("city", std::string(61, 'a'), 60).error().fields.front().message, "must have at most 60 characters");
  EXPECT_TRUE(CheckText("city", " " + std::string(60, 'a') + " ", 60));
  for (const char* masked : {"王*", "王＊", "**"}) EXPECT_FALSE(CheckName("name", masked, true)) << masked;
}

TEST(CheckCodes, codes_are_codes_and_are_named_once) {
  EXPECT_TRUE(CheckCodes("f", "L1", {}));
  EXPECT_TRUE(CheckCodes("f", "L1", {"goods", "spa-2.b_x", std::string(60, 'a')}));
  EXPECT_FALSE(CheckCodes("f", "L1", {std::string(61, 'a')}));
  EXPECT_EQ(CheckCodes("f", "L1", {"goods", ""}).error().fields.front().field, "f[1]");
  EXPECT_EQ(CheckCodes("f", "L1", {"Goods"}).error().fields.front().rule, "format");
  const Error twice = CheckCodes("f", "L1", {"goods", "x", "goods"}).error();
  EXPECT_EQ(twice.fields.front().field, "f[2]");
  EXPECT_EQ(twice.fields.front().rule, "L1");
  EXPECT_EQ(twice.fields.front().message, "is named twice: goods");
}

}  // namespace
}  // namespace renxin
