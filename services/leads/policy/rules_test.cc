#include "services/leads/policy/rules.h"

#include <gtest/gtest.h>

namespace renxin::leads::policy {
namespace {

TEST(LeadsPolicy, L1_L7_L8_what_a_new_version_must_hold) {
  struct Case {
    const char* name;
    std::function<void(Lists&)> change;
    const char* field;  // of the refusal; empty: taken
  };
  const std::vector<Case> cases{
      {"the default", [](Lists&) {}, ""},
      {"a channel more", [](Lists& l) { l.channels.push_back("live_stream"); }, ""},
      {"a category of L8 away", [](Lists& l) { l.categories.erase(l.categories.begin()); }, "policy.categories"},
      {"a category twice", [](Lists& l) { l.categories.push_back("other"); }, "policy.categories[17]"},
      {"no walk-in, though L2 needs it", [](Lists& l) { l.channels = {"phone"}; }, "policy.channels"},
      {"not a code", [](Lists& l) { l.payers.push_back("The Employer"); }, "policy.payers[5]"},
      {"empty", [](Lists& l) { l.payers.push_back(""); }, "policy.payers[5]"},
  };
  for (const Case& c : cases) {
    Lists lists{Channels(), Categories(), Payers()};
    c.change(lists);
    const Status status = Check(lists);
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
