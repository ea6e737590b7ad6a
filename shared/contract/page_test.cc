#include "shared/contract/page.h"

#include <gtest/gtest.h>

#include "shared/core/text.h"

namespace renxin::contract {
namespace {

const List kLeads{"leads", {KeyPart::kNumber, KeyPart::kUuid}};
const List kMoves{"moves", {KeyPart::kNumber, KeyPart::kUuid}};
const List kNames{"names", {KeyPart::kText}};
constexpr const char* kId = "0190a000-0000-7000-8000-000000000002";

TEST(Page, AKeyIsReadAsItWasWritten) {
  for (const char* number : {"0", "-1", "9223372036854775807", "-9223372036854775808"}) {
    const Result<Page> page = ReadPage(kLeads, 0, PageToken(kLeads, {number, kId}));
    ASSERT_TRUE(page.ok()) << number;
    EXPECT_FALSE(page->first());
    EXPECT_EQ(std::to_string(page->Number(0)), number);
    EXPECT_EQ(page->Text(1), kId);
  }
  for (const char* text : {"", "a", "a_b/c", "王 芳"}) EXPECT_EQ(ReadPage(kNames, 0, PageToken(kNames, {text}))->Text(0), text);
}

TEST(Page, FiftyRowsUnlessAskedForAndTwoHundredAtMost) {
  struct Case {
    int asked;
    int size;  // 0: refused
  };
  for (const Case& c : {Case{0, 50}, Case{1, 1}, Case{200, 200}, Case{201, 0}, Case{-1, 0}}) {
    const Result<Page> page = ReadPage(kLeads, c.asked, "");
    EXPECT_EQ(page.ok() ? page->size() : 0, c.size) << c.asked;
    if (page.ok()) {
      EXPECT_TRUE(page->first());
      EXPECT_EQ(page->fetch(), c.size + 1);
    } else {
      EXPECT_EQ(page.error().fields.at(0).field, "page_size");
    }
  }
}

TEST(Page, WhatIsNoTokenOfThisListIsRefusedByField) {
  const std::string good = PageToken(kLeads, {"5", kId});
  for (const std::string& token : {std::string("x"), std::string("5"), std::string(kId), good + "A", good.substr(1),
                                   PageToken(kMoves, {"5", kId}), PageToken(kLeads, {"5"}), PageToken(kLeads, {"5", kId, "more"}),
                                   PageToken(kLeads, {"5", "no uuid"}), PageToken(kLeads, {"+5", kId}), PageToken(kLeads, {" 5", kId}),
                                   PageToken(kLeads, {"", kId}), PageToken(kLeads, {"99999999999999999999", kId})}) {
    const Result<Page> page = ReadPage(kLeads, 0, token);
    ASSERT_FALSE(page.ok()) << token;
    EXPECT_EQ(page.error().fields.at(0).field, "page_token");
    EXPECT_EQ(page.error().code, Code::kInvalidArgument);
  }
}

TEST(Page, OneMoreRowThanThePageHasSaysThatThereIsAnother) {
  const auto cut = [](int rows) {
    std::vector<int> all(static_cast<std::size_t>(rows));
    for (int i = 0; i < rows; ++i) all[static_cast<std::size_t>(i)] = i;
    return Cut(kNames, Page(3), std::move(all), [](int row) { return std::vector<std::string>{std::to_string(row)}; });
  };
  EXPECT_EQ(cut(0).next_page_token, "");
  EXPECT_EQ(cut(3).next_page_token, "") << "the last page is full and the last";
  EXPECT_EQ(cut(3).rows.size(), 3U);
  EXPECT_EQ(cut(4).rows.size(), 3U);
  EXPECT_EQ(ReadPage(kNames, 0, cut(4).next_page_token)->Text(0), "2");
}

}  // namespace
}  // namespace renxin::contract
