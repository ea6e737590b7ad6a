#include "services/leads/households/rules.h"

#include <gtest/gtest.h>

namespace renxin::leads::households {
namespace {

const std::vector<Member> kPhone{{"1", "wang", ""}, {"2", "li", "1990"}, {"3", "li", "2015"}};

TEST(Households, L3_phone_and_name_and_a_known_birthday_are_one_person) {
  struct Case {
    const char* name;
    Member who;
    std::optional<std::size_t> same;
    bool household;
  };
  for (const Case& c : std::vector<Case>{
           {"the same name, no birthday known", {"", "wang", ""}, 0, true},
           {"the same name, a birthday is learned", {"", "wang", "1980"}, 0, true},
           {"the elder Li by birthday", {"", "li", "1990"}, 1, true},
           {"the younger Li by birthday", {"", "li", "2015"}, 2, true},
           {"a Li without a birthday: the first", {"", "li", ""}, 1, true},
           {"a third Li", {"", "li", "2020"}, {}, true},
           {"another name", {"", "zhao", ""}, {}, true},
       }) {
    EXPECT_EQ(SamePerson(kPhone, c.who), c.same) << c.name;
    EXPECT_EQ(MakesHousehold(kPhone, c.who), c.household) << c.name;
  }
  EXPECT_FALSE(SamePerson({}, {"", "wang", ""}));
}

TEST(Households, L3_nobody_else_no_household) {
  EXPECT_FALSE(MakesHousehold({}, {"9", "wang", ""}));
  EXPECT_FALSE(MakesHousehold({{"1", "wang", ""}}, {"9", "wang", "1980"})) << "perhaps the same person";
  EXPECT_FALSE(MakesHousehold({{"9", "li", ""}}, {"9", "wang", ""})) << "oneself under the old name";
  EXPECT_TRUE(MakesHousehold({{"1", "wang", "1950"}}, {"9", "wang", "1980"})) << "a parent of the same name";
}

}  // namespace
}  // namespace renxin::leads::households
