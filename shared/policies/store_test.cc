#include "shared/policies/store.h"

#include <gtest/gtest.h>

#include "shared/testing/databases.h"
#include "shared/testing/days.h"
#include "shared/testing/race.h"

namespace renxin::policies {
namespace {

class PolicyStoreTest : public renxin::testing::OnServiceTables {
 protected:
  PolicyStoreTest() : OnServiceTables({}) {}
  std::string On(const char* day) {
    const auto row = Do([&](db::Tx& tx) { return RowOn(tx, "leads", D(day)); });
    return row ? row->body : "";
  }
};
RENXIN_ON_BOTH_DATABASES(PolicyStoreTest);

TEST_P(PolicyStoreTest, a_version_is_followed_not_edited) {
  Do([](db::Tx& tx) {
    EXPECT_EQ(Add(tx, "leads", D("1900-01-01"), "default", "one", {1}).version, 1);
    EXPECT_EQ(Add(tx, "leads", D("2026-05-01"), "director", "two", {2}).version, 2);
    EXPECT_EQ(Add(tx, "leads", D("2026-04-01"), "director", "three", {3}).version, 3);
    EXPECT_EQ(Add(tx, "leads", D("2026-05-01"), "director", "four", {4}).version, 4);
    EXPECT_EQ(Add(tx, "membership", D("1900-01-01"), "default", "other", {5}).version, 1);
  });
  struct Case {
    const char* day;
    const char* body;
  };
  for (const Case& c : {Case{"1899-12-31", ""}, Case{"1900-01-01", "one"}, Case{"2026-03-31", "one"}, Case{"2026-04-01", "three"},
                        Case{"2026-04-30", "three"}, Case{"2026-05-01", "four"}, Case{"2999-01-01", "four"}}) {
    EXPECT_EQ(On(c.day), c.body) << c.day;
  }
}

TEST_P(PolicyStoreTest, all_versions_page_by_page_the_one_that_takes_effect_last_first) {
  Do([](db::Tx& tx) {
    for (int i = 0; i < 5; ++i) Add(tx, "leads", D(i % 2 == 0 ? "2026-05-01" : "2026-06-01"), "director", std::to_string(i), {i});
  });
  std::string seen;
  std::string token;
  do {
    const auto page = Do([&](db::Tx& tx) { return List(tx, "leads", *contract::ReadPage(kVersionList, 2, token)); });
    for (const Row& row : page.rows) seen += row.body;
    token = page.next_page_token;
  } while (!token.empty());
  EXPECT_EQ(seen, "31420");
}

TEST_P(PolicyStoreTest, two_versions_made_at_the_same_moment_follow_each_other) {
  const auto add = [](const char* body) { return [body](db::Tx& tx) { Add(tx, "leads", D("2026-05-01"), "director", body, {1}); }; };
  renxin::testing::Race(url(), "from policies", add("one"), add("two"));
  const auto rows = Do([](db::Tx& tx) { return After(tx, "leads", "", 10); });
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].version, 1);
  EXPECT_EQ(rows[1].version, 2);
  EXPECT_NE(rows[0].body, rows[1].body);
}

}  // namespace
}  // namespace renxin::policies
