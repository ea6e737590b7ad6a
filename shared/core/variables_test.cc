#include "shared/core/variables.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace renxin {
namespace {

constexpr const char* kName = "RENXIN_TEST_VARIABLE";

class VariablesTest : public ::testing::Test {
 protected:
  ~VariablesTest() override { unsetenv(kName); }
  static void Set(const char* value) { setenv(kName, value, 1); }
};

TEST_F(VariablesTest, what_is_absent_or_empty_is_the_default) {
  unsetenv(kName);
  EXPECT_EQ(Variable(kName, "a"), "a");
  Set("");
  EXPECT_EQ(Variable(kName, "a"), "a");
  Set("b");
  EXPECT_EQ(Variable(kName, "a"), "b");
}

TEST_F(VariablesTest, what_is_required_is_named_when_it_is_absent) {
  Variables variables;
  std::string value;
  variables.Required(kName, &value);
  EXPECT_EQ(variables.fault(), "RENXIN_TEST_VARIABLE is not set");
}

TEST_F(VariablesTest, a_number_is_read_within_its_range) {
  for (const auto& [text, expected] : {std::pair("1", 1), {"16", 16}, {"007", 7}}) {
    Set(text);
    Variables variables;
    int value = 3;
    variables.Number(kName, 16, &value);
    EXPECT_EQ(value, expected);
    EXPECT_EQ(variables.fault(), "") << text;
  }
}

TEST_F(VariablesTest, what_is_no_number_is_a_fault_and_leaves_the_default) {
  for (const char* text : {"0", "17", "-1", "+1", "1.5", " 1", "1 ", "1e1", "0x1", "ten", "99999999999999999999"}) {
    Set(text);
    Variables variables;
    std::chrono::seconds value{3};
    variables.Duration(kName, 16, &value);
    EXPECT_EQ(value, std::chrono::seconds(3)) << text;
    EXPECT_EQ(variables.fault(), "RENXIN_TEST_VARIABLE is " + std::string(text) + ": a whole number from 1 to 16");
  }
}

TEST_F(VariablesTest, the_first_fault_is_kept) {
  Variables variables;
  std::string value;
  variables.Required("RENXIN_TEST_ABSENT", &value);
  variables.Required(kName, &value);
  EXPECT_EQ(variables.fault(), "RENXIN_TEST_ABSENT is not set");
}

}  // namespace
}  // namespace renxin
