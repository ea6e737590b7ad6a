#include "shared/contract/page.h"

#include <gtest/gtest.h>

#include <limits>

namespace renxin::contract {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

TEST(Page, APlaceIsReadAsItWasWritten) {
  for (const Cursor& cursor :
       {Cursor{0, "a"}, Cursor{-1, "0190a000-0000-7000-8000-000000000002"}, Cursor{kLeast, "a_b/c"}, Cursor{7, "_"}}) {
    const Result<Cursor> read = DecodeCursor(EncodeCursor(cursor));
    ASSERT_TRUE(read.ok()) << EncodeCursor(cursor);
    EXPECT_EQ(read.value(), cursor);
  }
}

TEST(Page, WhatIsNoPlaceIsRefusedByField) {
  for (const char* token : {"", "_", "5", "5_", "_a", "x_a", "5-3_a", " 5_a", "+5_a", "99999999999999999999_a"}) {
    const Result<Cursor> read = DecodeCursor(token);
    ASSERT_FALSE(read.ok()) << token;
    EXPECT_EQ(read.error().fields.at(0).field, "page_token");
  }
}

TEST(Page, AnOffsetIsDigitsAlone) {
  EXPECT_EQ(ParseOffset("").value(), 0);
  EXPECT_EQ(ParseOffset("0").value(), 0);
  EXPECT_EQ(ParseOffset("999999999999999999").value(), 999'999'999'999'999'999);
  for (const char* token : {"-1", "-0", "1000000000000000000", "1 ", "x", "1_a", "0x1"}) EXPECT_FALSE(ParseOffset(token).ok()) << token;
}

}  // namespace
}  // namespace renxin::contract
