#include "shared/core/normal.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace renxin {
namespace {

// Texts of one line are one name each.
TEST(Normal, G8_one_name_has_one_form_for_comparing) {
  const std::vector<std::vector<std::string>> same = {
      {"王芳", "王芳 ", " 王芳", "王芳\u00A0", "\u3000王芳", "王芳\u200B", "\uFEFF王芳", "王\u200D芳", "\t王芳\r\n"},
      {"王 芳", "王\u3000芳", "王  芳", "王 \u00A0 芳", "王\t芳"},
      {"John Smith", "JOHN SMITH", "ｊｏｈｎ　ｓｍｉｔｈ"},
      {"Jos\u00E9", "Jose\u0301", "JOS\u00C9"},
      {"阿依古丽\u00B7买买提", "阿依古丽\u2022买买提", "阿依古丽\u30FB买买提", "阿依古丽\uFF0E买买提", "阿依古丽\u2027买买提"},
      {"Straße", "STRASSE"},
  };
  for (const auto& names : same) {
    for (const std::string& name : names) {
      EXPECT_EQ(NormalForm(name), NormalForm(names.front())) << name;
      EXPECT_EQ(NormalForm(NormalForm(name)), NormalForm(name)) << name;
    }
  }
  for (std::size_t i = 0; i < same.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(NormalForm(same[i].front()), NormalForm(same[j].front()));
  }
}

TEST(Normal, G8_an_outside_number_keeps_its_case) {
  for (const char* no : {"K1", "K1\u00A0", "\u3000K1", "Ｋ１", "K\u200B1", "\uFEFFK1 "}) EXPECT_EQ(NormalCode(no), "K1") << no;
  EXPECT_NE(NormalCode("k1"), NormalCode("K1"));
  EXPECT_EQ(NormalCode("A-1_2.3"), "A-1_2.3");
  EXPECT_EQ(NormalCode("A  1"), "A 1");
}

TEST(Normal, G8_what_shows_nothing_is_missing) {
  for (const char* text : {"", " ", "\t", "\u00A0", "\u3000", "\u200B", "\uFEFF", " \u200B\u3000", "\u3164", "\u2800", "\u00AD", "\u0001"})
    EXPECT_TRUE(ShowsNothing(text)) << text;
  for (const char* text : {"王", ".", "\u00B7", "0", "-", "e\u0301"}) EXPECT_FALSE(ShowsNothing(text)) << text;
}

TEST(Normal, G8_what_is_kept_is_as_typed_but_trimmed) {
  EXPECT_EQ(TrimText("\u3000\uFEFF王　芳\u00A0\u200B\n"), "王　芳");
  EXPECT_EQ(TrimText("JOHN  Smith"), "JOHN  Smith");
  EXPECT_EQ(TrimText("\u200B \u3000"), "");
  EXPECT_EQ(TrimText(""), "");
  EXPECT_EQ(TrimText("葛\U000E0100"), "葛\U000E0100");  // how the character looks
}

}  // namespace
}  // namespace renxin
