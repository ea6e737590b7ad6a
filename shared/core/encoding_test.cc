#include "shared/core/encoding.h"

#include <gtest/gtest.h>

#include "shared/core/text.h"

namespace renxin {
namespace {

// 王芳, a character beyond the BMP (𠮷, four bytes), the euro sign that GBK writes as 0x80 and GB18030 as two bytes.
constexpr std::string_view kWangUtf8 = "\xE7\x8E\x8B\xE8\x8A\xB3";
constexpr std::string_view kWangGb = "\xCD\xF5\xB7\xBC";
constexpr std::string_view kYoshiUtf8 = "\xF0\xA0\xAE\xB7";
constexpr std::string_view kYoshiGb = "\x95\x34\xB2\x35";

EncodingCounts CountsIn(std::string_view bytes, std::size_t piece = 1) {
  EncodingScan scan;
  for (std::size_t at = 0; at < bytes.size(); at += piece) scan.Feed(bytes.substr(at, piece));
  scan.Finish();
  return scan.counts();
}

TextEncoding VerdictOn(std::string_view bytes) {
  EncodingScan scan;
  scan.Feed(bytes);
  scan.Finish();
  return scan.Verdict();
}

TEST(Encoding, L11_WhatIsWholeInOneIsOfThatOne) {
  EXPECT_EQ(VerdictOn(""), TextEncoding::kUtf8);
  EXPECT_EQ(VerdictOn("customer_no,name\nc1,Wang\n"), TextEncoding::kUtf8);
  EXPECT_EQ(VerdictOn(kWangUtf8), TextEncoding::kUtf8);
  EXPECT_EQ(VerdictOn(kWangGb), TextEncoding::kGb18030);
  EXPECT_EQ(VerdictOn(kYoshiUtf8), TextEncoding::kUtf8);
  EXPECT_EQ(VerdictOn(kYoshiGb), TextEncoding::kGb18030);
  // Two characters of UTF-8 that are three of GB18030 as well: UTF-8 goes first.
  EXPECT_EQ(CountsIn(kWangUtf8).gb18030_faults, 0);
  EXPECT_EQ(CountsIn(kWangUtf8).utf8_faults, 0);
}

TEST(Encoding, L11_FaultsAreCountedHoweverTheBytesAreCut) {
  struct Case {
    std::string_view bytes;
    std::int64_t utf8;
    std::int64_t gb18030;
  };
  const Case cases[] = {
      {"a,b", 0, 0},
      {"\xE7\x8E\x8B,", 0, 1},  // three bytes: GB18030 stops in the middle of its second character
      {"\xCD\xF5,", 2, 0},      // a lead without its continuation, and a lead that UTF-8 does not have
      {"\x80", 1, 1},           // alone in neither
      {"\xFF", 1, 1},
      {"\xE7\x8E", 1, 0},  // the end of the file is the end of a character
      {"\x81", 1, 1},
      {"\x95\x34\xB2", 2, 1},
      {"\x95\x34\xB2,", 2, 1},
      {"\x95\x34,", 1, 1},
      {"\xC0\x80", 2, 0},          // overlong
      {"\xED\xA0\x80", 3, 1},      // a surrogate
      {"\xF4\x90\x80\x80", 4, 2},  // above U+10FFFF
      {"\xE0\x9F\xBF", 3, 1},
      {"\xE7\x8E\xE7\x8E\x8B\xE8\x8A\xB3", 1, 0},
  };
  for (const auto& one : cases) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{100}}) {
      const auto counts = CountsIn(one.bytes, piece);
      EXPECT_EQ(counts.utf8_faults, one.utf8) << ToHex(one.bytes) << " in pieces of " << piece;
      EXPECT_EQ(counts.gb18030_faults, one.gb18030) << ToHex(one.bytes) << " in pieces of " << piece;
    }
  }
}

TEST(Encoding, L11_ASpoiltCellDoesNotMakeTheRestUnreadable) {
  std::string utf8 = "c0,M\xFCller\n";  // Latin-1; FC 6C is a character of GB18030
  std::string gb = "c0,\xFF\n";
  for (int i = 0; i < 20; ++i) {
    utf8 += "c," + std::string(kWangUtf8.substr(0, 3)) + "\n";
    gb += "c," + std::string(kWangGb) + "\n";
  }
  EXPECT_EQ(VerdictOn(utf8), TextEncoding::kUtf8);
  EXPECT_EQ(VerdictOn(gb), TextEncoding::kGb18030);
}

TEST(Encoding, L11_AScanGoesOnFromASafePlace) {
  const std::string text = "c1," + std::string(kWangGb) + "\nc2," + std::string(kYoshiGb) + "\xCD";
  EncodingScan first;
  first.Feed(text);
  EXPECT_EQ(first.safe_bytes(), text.rfind(',') + 1);
  EncodingScan second(first.safe_counts());
  second.Feed(std::string_view(text).substr(first.safe_bytes()));
  second.Finish();
  first.Finish();
  EXPECT_EQ(second.counts().utf8_faults, first.counts().utf8_faults);
  EXPECT_EQ(second.counts().gb18030_faults, first.counts().gb18030_faults);
}

TEST(Encoding, L11_CharactersOfUtf8GoOnFromASafePlaceToo) {
  // Cut behind é, within 王: the second scan has it whole, and the first one é only.
  const std::string text = "c1,\xC3\xA9,\xE7\x8E\x8B";
  EncodingScan first;
  first.Feed(std::string_view(text).substr(0, text.size() - 1));
  EXPECT_EQ(first.safe_counts().utf8_pairs, 1);
  EXPECT_EQ(first.safe_counts().utf8_longer, 0);
  EncodingScan second(first.safe_counts());
  second.Feed(std::string_view(text).substr(first.safe_bytes()));
  second.Finish();
  EXPECT_EQ(second.counts().utf8_pairs, 1);
  EXPECT_EQ(second.counts().utf8_longer, 1);
  EXPECT_EQ(second.counts().utf8_faults, 0);
}

// The UTF-8 of an even number of Chinese characters keeps the form of GB18030 as well: only what UTF-8 gains speaks for it.
TEST(Encoding, L11_ACellThatWasCutDoesNotMakeUtf8IntoGb18030) {
  const std::string cut = "\xE5\xBC\xA0\xE4";  // 张三 after four bytes
  std::string many = "c0," + cut + "\n";
  std::string latin = "c0,\xE9\x41\n";  // Latin-1 within names like José
  for (int i = 0; i < 20; ++i) {
    many += "c," + std::string(kWangUtf8) + "\n";
    latin += "c,Jos\xC3\xA9\n";
  }
  EXPECT_EQ(CountsIn(many).gb18030_faults, 0);
  EXPECT_EQ(CountsIn(many).utf8_faults, 1);
  EXPECT_EQ(CountsIn(many).utf8_longer, 41);
  EXPECT_EQ(CountsIn(latin).gb18030_faults, 0);
  EXPECT_EQ(VerdictOn(many), TextEncoding::kUtf8);
  EXPECT_EQ(VerdictOn(latin), TextEncoding::kUtf8);
  EXPECT_EQ(VerdictOn(cut + "\n"), TextEncoding::kUtf8);  // equal: UTF-8 goes first
}

TEST(Encoding, L11_TextInGb18030ThatLooksLikeUtf8HereAndThere) {
  // 李女士, 王女士, 张女士: 女 and 士 are each a character of two bytes in UTF-8, as often as there are faults.
  const std::string ladies = "\xC0\xEE\xC5\xAE\xCA\xBF,\xCD\xF5\xC5\xAE\xCA\xBF,\xD5\xC5\xC5\xAE\xCA\xBF,";
  EXPECT_EQ(CountsIn(ladies).utf8_pairs, 6);
  EXPECT_EQ(CountsIn(ladies).utf8_faults, 6);
  EXPECT_EQ(VerdictOn(ladies), TextEncoding::kGb18030);
  // 李宝 holds EE B1 A6, one of three bytes; 王芳 next to it does not.
  const std::string li = "\xC0\xEE\xB1\xA6,";
  EXPECT_EQ(CountsIn(li).utf8_longer, 1);
  EXPECT_EQ(VerdictOn(li + std::string(kWangGb)), TextEncoding::kGb18030);
  // Some spoilt cells between them, one of them UTF-8.
  EXPECT_EQ(VerdictOn(ladies + "\xFF,\x80,\xCD,\xFF,"), TextEncoding::kGb18030);
  EXPECT_EQ(VerdictOn(ladies + std::string(kWangUtf8) + ","), TextEncoding::kGb18030);
}

TEST(Encoding, L11_FarAheadIsClearBeforeTheEnd) {
  EncodingScan utf8;
  EncodingScan gb;
  for (int i = 0; i < 999; ++i) utf8.Feed("\xE7\x8E\x8B,");
  EXPECT_EQ(utf8.Clear(), TextEncoding::kUnknown);
  utf8.Feed("\xE7\x8E\x8B,");
  EXPECT_EQ(utf8.Clear(), TextEncoding::kUtf8);
  for (int i = 0; i < 500; ++i) gb.Feed("\xCD\xF5,");
  EXPECT_EQ(gb.Clear(), TextEncoding::kGb18030);
  EncodingScan even;  // no fault in either
  for (int i = 0; i < 499; ++i) even.Feed(std::string(kWangUtf8) + ",");
  EXPECT_EQ(even.Clear(), TextEncoding::kUnknown);
  even.Feed(std::string(kWangUtf8) + ",\xE5\xBC\xA0\xE4,");
  EXPECT_EQ(even.Clear(), TextEncoding::kUtf8);
}

TEST(Encoding, L11_ByteOrderMarks) {
  EXPECT_EQ(MarkOf("\xEF\xBB\xBF"
                   "a")
                .encoding,
            TextEncoding::kUtf8);
  EXPECT_EQ(MarkOf("\xEF\xBB\xBF").bytes, 3U);
  EXPECT_EQ(MarkOf("\x84\x31\x95\x33").encoding, TextEncoding::kGb18030);
  EXPECT_EQ(MarkOf("\x84\x31\x95\x33"
                   "a")
                .bytes,
            4U);
  EXPECT_TRUE(MarkOf(std::string_view("\xFF\xFE"
                                      "c\0",
                                      4))
                  .utf16);
  EXPECT_TRUE(MarkOf(std::string_view("\xFE\xFF\0c", 4)).utf16);
  EXPECT_TRUE(MarkOf(std::string_view("\0\0\xFE\xFF", 4)).utf16);
  for (const std::string_view none : {"", "\xEF\xBB", "a", "\xFF", "\x84\x31\x95"}) {
    EXPECT_EQ(MarkOf(none).bytes, 0U) << ToHex(none);
    EXPECT_FALSE(MarkOf(none).utf16) << ToHex(none);
  }
}

TEST(Encoding, L11_DecodesStrictly) {
  EXPECT_EQ(Decode(kWangGb, TextEncoding::kGb18030), kWangUtf8);
  EXPECT_EQ(Decode(kYoshiGb, TextEncoding::kGb18030), kYoshiUtf8);
  EXPECT_EQ(Decode("\xA2\xE3", TextEncoding::kGb18030), "\xE2\x82\xAC");
  EXPECT_EQ(Decode(kWangUtf8, TextEncoding::kUtf8), kWangUtf8);
  EXPECT_EQ(Decode("plain", TextEncoding::kGb18030), "plain");
  EXPECT_EQ(Decode("", TextEncoding::kUtf8), "");
  std::string many;
  std::string expected;
  for (int i = 0; i < 2'000; ++i) {
    many += std::string(kWangGb) + "x" + std::string(kYoshiGb);
    expected += std::string(kWangUtf8) + "x" + std::string(kYoshiUtf8);
  }
  EXPECT_EQ(Decode(many, TextEncoding::kGb18030), expected);
  for (const std::string_view bad :
       {std::string_view("\x80"), std::string_view("\xFF"), std::string_view("\xCD"), std::string_view("\xCD\x20"),
        std::string_view("\x95\x34\xB2"), std::string_view("\xFE\x39\xFE\x39"), std::string_view("a\0b", 3)}) {
    EXPECT_EQ(Decode(bad, TextEncoding::kGb18030), std::nullopt) << ToHex(bad);
  }
  for (const std::string_view bad : {std::string_view("\xCD\xF5"), std::string_view("\xE7\x8E"), std::string_view("a\0b", 3)}) {
    EXPECT_EQ(Decode(bad, TextEncoding::kUtf8), std::nullopt) << ToHex(bad);
  }
}

// What comes back to its sender can be looked at, and kept as JSON.
TEST(Encoding, L11_ForEyesEveryByteThatIsNoTextIsMarked) {
  EXPECT_EQ(DecodeLossy("a\xFF"
                        "b",
                        TextEncoding::kGb18030),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(DecodeLossy(std::string(kWangGb) + "\xCD", TextEncoding::kGb18030), std::string(kWangUtf8) + "\xEF\xBF\xBD");
  EXPECT_EQ(DecodeLossy("\xFF\xFE", TextEncoding::kUtf8), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(DecodeLossy(std::string_view("a\0b", 3), TextEncoding::kUtf8),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(DecodeLossy(kWangGb, TextEncoding::kGb18030), kWangUtf8);
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(3, static_cast<char>(byte));
    EXPECT_TRUE(IsCleanUtf8(DecodeLossy(one, TextEncoding::kUtf8))) << byte;
    EXPECT_TRUE(IsCleanUtf8(DecodeLossy(one, TextEncoding::kGb18030))) << byte;
  }
}

TEST(Encoding, Names) {
  EXPECT_EQ(NameOf(TextEncoding::kUtf8), "UTF-8");
  EXPECT_EQ(NameOf(TextEncoding::kGb18030), "GB18030");
  EXPECT_EQ(NameOf(TextEncoding::kUnknown), "");
}

}  // namespace
}  // namespace renxin
