#include "services/leads/policy/rules.h"

#include <gtest/gtest.h>

namespace renxin::leads::policy {
namespace {

Day D(const char* text) { return *ParseDay(text); }

TEST(LeadsPolicy, L1_L7_L8_what_a_new_version_must_hold) {
  struct Case {
    const char* name;
    std::function<void(Lists&)> change;
    const char* from;
    const char* field;  // of the refusal; empty: taken
  };
  const std::vector<Case> cases{
      {"as shipped, from today", [](Lists&) {}, "2026-11-22", ""},
      {"yesterday", [](Lists&) {}, "2026-11-21", "effective_from"},
      {"a channel more", [](Lists& l) { l.channels.push_back("live_stream"); }, "2026-12-01", ""},
      {"a category of L8 away", [](Lists& l) { l.categories.erase(l.categories.begin()); }, "2026-12-01", "policy.categories"},
      {"a category twice", [](Lists& l) { l.categories.push_back("other"); }, "2026-12-01", "policy.categories[17]"},
      {"no walk-in, though L2 needs it", [](Lists& l) { l.channels = {"phone"}; }, "2026-12-01", "policy.channels"},
      {"not a code", [](Lists& l) { l.payers.push_back("The Employer"); }, "2026-12-01", "policy.payers[5]"},
      {"empty", [](Lists& l) { l.payers.push_back(""); }, "2026-12-01", "policy.payers[5]"},
  };
  for (const Case& c : cases) {
    Lists lists{Channels(), Categories(), Payers()};
    c.change(lists);
    const Status status = Check(lists, D(c.from), D("2026-11-22"));
    if (*c.field == '\0') {
      EXPECT_TRUE(status) << c.name;
    } else {
      ASSERT_FALSE(status) << c.name;
      EXPECT_EQ(status.error().fields.front().field, c.field) << c.name;
    }
  }
}

}  // namespace
}  // namespace renxin::leads::policy
