#include <gtest/gtest.h>

#include "shared/core/text.h"
#include "shared/core/time.h"

namespace renxin {
namespace {

TEST(Time, parses_rfc3339_with_an_offset) {
  EXPECT_EQ(FormatTime(*ParseTime("2026-02-16T09:00:00+08:00")), "2026-02-16T01:00:00Z");
  EXPECT_EQ(FormatTime(*ParseTime("2026-02-16T01:00:00.250000Z")), "2026-02-16T01:00:00.250000Z");
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00Z")->micros, 0);
  EXPECT_EQ(FormatTime({-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(Time, G7_any_number_of_decimals_is_cut_to_microseconds_and_a_leap_second_ends_its_minute) {
  EXPECT_EQ(FormatTime(*ParseTime("2026-10-31T23:59:59.1234567+08:00")), "2026-10-31T15:59:59.123456Z");
  EXPECT_EQ(FormatTime(*ParseTime("2026-10-31T23:59:59.123456789Z")), "2026-10-31T23:59:59.123456Z");
  EXPECT_EQ(FormatTime(*ParseTime("2026-10-31T23:59:59.9999999999999999999999999Z")), "2026-10-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTime(*ParseTime("2016-12-31T23:59:60Z")), "2016-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTime(*ParseTime("2017-01-01T07:59:60.5+08:00")), "2016-12-31T23:59:59.999999Z");
}

TEST(Time, refuses_what_is_no_time) {
  for (const char* text : {"2026-02-30T00:00:00Z", "2026-02-16T24:00:00Z", "2026-02-16T09:00:00", "2026-02-16 09:00:00Z",
                           "2026-02-16T09:00:61Z", "", "2026-02-16T09:00:00+8:00", "2026-02-16T09:00:00.Z", "2026-13-01T00:00:00Z"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

struct DayCase {
  const char* text;
  bool good;
};

TEST(Time, a_day_is_one_that_exists) {
  for (const DayCase& c : {DayCase{"2024-02-29", true},
                           {"2023-02-29", false},
                           {"2026-02-30", false},
                           {"2026-1-01", false},
                           {"1900-02-29", false},
                           {"2000-02-29", true},
                           {"2026-12-31", true}}) {
    EXPECT_EQ(ParseDay(c.text).ok(), c.good) << c.text;
    if (c.good) {
      EXPECT_EQ(FormatDay(*ParseDay(c.text)), c.text);
    }
  }
}

TEST(Time, G3_a_day_is_the_hospitals) {
  const Zone shanghai("Asia/Shanghai");
  EXPECT_EQ(FormatDay(shanghai.DayOf(*ParseTime("2026-02-28T15:59:59Z"))), "2026-02-28");
  EXPECT_EQ(FormatDay(shanghai.DayOf(*ParseTime("2026-02-28T16:00:00Z"))), "2026-03-01");
  EXPECT_EQ(FormatMonth(shanghai.MonthOf(*ParseTime("2026-12-31T16:00:00Z"))), "2027-01");
  EXPECT_EQ(FormatTime(shanghai.StartOf(*ParseDay("2026-03-01"))), "2026-02-28T16:00:00Z");
  // Shanghai had summer time until 1991.
  EXPECT_EQ(FormatTime(shanghai.StartOf(*ParseDay("1990-07-01"))), "1990-06-30T15:00:00Z");
}

TEST(Time, G3_a_time_of_day_is_the_clocks_on_the_wall) {
  const Zone shanghai("Asia/Shanghai");
  EXPECT_EQ(FormatTime(shanghai.At(*ParseDay("2026-02-16"), 540)), "2026-02-16T01:00:00Z");
  EXPECT_EQ(shanghai.At(*ParseDay("2026-02-16"), 1440), shanghai.StartOf(*ParseDay("2026-02-17")));
  // An hour is left out and one is twice: nine o'clock stays nine o'clock.
  const Zone berlin("Europe/Berlin");
  EXPECT_EQ(FormatTime(berlin.At(*ParseDay("2026-03-28"), 540)), "2026-03-28T08:00:00Z");
  EXPECT_EQ(FormatTime(berlin.At(*ParseDay("2026-03-29"), 540)), "2026-03-29T07:00:00Z");
  EXPECT_EQ(FormatTime(berlin.At(*ParseDay("2026-10-25"), 540)), "2026-10-25T08:00:00Z");
}

TEST(Text, a_name_with_a_four_byte_character_is_text) {
  EXPECT_TRUE(IsCleanUtf8("𠮷野"));
  EXPECT_EQ(CodePoints("𠮷野"), 2U);
  EXPECT_EQ(FirstCodePoints("𠮷野", 1), "𠮷");
}

TEST(Text, refuses_broken_utf8_and_nul) {
  for (const std::string& text : {std::string("\xC0\x80"), std::string("\xED\xA0\x80"), std::string("\xF5\x80\x80\x80"),
                                  std::string("a\0b", 3), std::string("\xE4\xB8"), std::string("\x80")}) {
    EXPECT_FALSE(IsCleanUtf8(text)) << ToHex(text);
  }
}

struct EncodedCase {
  std::string bytes;
  const char* hex;
  const char* base64;
  const char* base64url;
};

TEST(Text, hex_and_base64_are_those_of_RFC_4648_both_ways) {
  const EncodedCase cases[] = {{"", "", "", ""},
                               {"f", "66", "Zg==", "Zg"},
                               {"fo", "666f", "Zm8=", "Zm8"},
                               {"foo", "666f6f", "Zm9v", "Zm9v"},
                               {"foob", "666f6f62", "Zm9vYg==", "Zm9vYg"},
                               {std::string("\0\0", 2), "0000", "AAA=", "AAA"},
                               {"\xFB\xEF\xFF", "fbefff", "++//", "--__"}};
  for (const EncodedCase& each : cases) {
    EXPECT_EQ(ToHex(each.bytes), each.hex);
    EXPECT_EQ(FromHex(each.hex), each.bytes);
    EXPECT_EQ(ToBase64(each.bytes), each.base64);
    EXPECT_EQ(FromBase64(each.base64), each.bytes);
    EXPECT_EQ(ToBase64Url(each.bytes), each.base64url);
    EXPECT_EQ(FromBase64Url(each.base64url), each.bytes);
  }
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (std::size_t size = 250; size <= all.size(); ++size) {
    const std::string bytes = all.substr(0, size);
    EXPECT_EQ(FromHex(ToHex(bytes)), bytes);
    EXPECT_EQ(FromBase64(ToBase64(bytes)), bytes);
    EXPECT_EQ(FromBase64Url(ToBase64Url(bytes)), bytes);
  }
}

TEST(Text, no_byte_outside_of_the_alphabet_is_a_digit) {
  constexpr std::string_view kBoth = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool both = kBoth.find(c) != std::string_view::npos;
    for (std::size_t at = 0; at < 4; ++at) {
      std::string text = "AAAA";
      text[at] = c;
      EXPECT_EQ(FromBase64(text).has_value(), both || c == '+' || c == '/' || (c == '=' && at == 3)) << byte << " at " << at;
      EXPECT_EQ(FromBase64Url(text).has_value(), both || c == '-' || c == '_') << byte << " at " << at;
    }
    for (const std::string& text : {std::string{'0', c}, std::string{c, '0'}}) {
      EXPECT_EQ(FromHex(text).has_value(), std::string_view("0123456789abcdef").find(c) != std::string_view::npos) << byte;
    }
  }
}

TEST(Text, what_is_no_hex_is_refused) {
  for (const std::string& text :
       {std::string("6"), std::string("666"), std::string("6F"), std::string("0x66"), std::string("66 6f"), std::string("66:6f"),
        std::string("66\n"), std::string(" 66"), std::string("6g"), std::string("66\0", 3), std::string("\0\0", 2), std::string("６６")}) {
    EXPECT_EQ(FromHex(text), std::nullopt) << text;
  }
}

TEST(Text, what_is_no_base64_is_refused) {
  for (const std::string& text :
       {std::string("Zg"),       std::string("Zg="),      std::string("Zg==="),     std::string("Zg===="),
        std::string("Zm8"),      std::string("Zm8=="),    std::string("Zm9v="),     std::string("Zm9v=="),
        std::string("Zm9v===="), std::string("="),        std::string("=="),        std::string("===="),
        std::string("Z"),        std::string("Z==="),     std::string("Zh=="),      std::string("Zm9="),
        std::string("Zg==Zg=="), std::string("Z=g="),     std::string("Zm9v\n"),    std::string("Zm 9v"),
        std::string(" Zm9v"),    std::string("Zm\r\n9v"), std::string("Zm9v\0", 5), std::string("Zm9v\0\0\0\0", 8),
        std::string("--__"),     std::string("Zm9%"),     std::string("Zm9\xC3")}) {
    EXPECT_EQ(FromBase64(text), std::nullopt) << text;
  }
}

TEST(Text, what_is_no_base64url_is_refused) {
  for (const std::string& text :
       {std::string("Zh"), std::string("Zm9"), std::string("Zg="), std::string("Zg=="), std::string("Zm8="), std::string("="),
        std::string("Z"), std::string("Zm9vZ"), std::string("Zm9v\n"), std::string("Zm 9v"), std::string(" Zm9v"), std::string("Zm9v\0", 5),
        std::string("++//"), std::string("Zm9.Zm9v"), std::string("Zm9\xC3")}) {
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
}

TEST(Text, ids_are_uuids_of_version_7_in_order_of_time) {
  const std::string id = NewId();
  EXPECT_TRUE(IsUuid(id)) << id;
  EXPECT_EQ(id[14], '7');
  EXPECT_FALSE(IsUuid("0190a0b0-0000-7000-8000-00000000000G"));
}

}  // namespace
}  // namespace renxin
