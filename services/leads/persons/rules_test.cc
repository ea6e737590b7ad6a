#include "services/leads/persons/rules.h"

#include <gtest/gtest.h>

#include <vector>

namespace renxin::leads::persons {
namespace {

TEST(Persons, G4_G7_G8_what_is_typed_becomes_what_is_kept_or_is_refused_with_its_field) {
  const Day today = *ParseDay("2026-05-10");
  struct Case {
    Person typed;
    const char* field;  // of the refusal; empty: taken
  };
  const std::vector<Case> cases{
      {{"王芳", "13800138000", "1990-02-28", ""}, ""},       {{"\u3000王芳\u200B", "010 6552 9988 转 8012", "", ""}, ""},
      {{"\u200B", "13800138000", "", ""}, "customer_name"},  {{"王*", "13800138000", "", ""}, "customer_name"},
      {{std::string(61, 'x'), "", "", ""}, "customer_name"}, {{"王芳", "138****8000", "", ""}, "phone"},
      {{"王芳", "", "2062-05-05", ""}, "birthday"},          {{"王芳", "", "2015-09-01", "lunar_leap"}, "birthday"},
      {{"王芳", "", "", "nonsense"}, "birthday_calendar"},
  };
  for (const Case& c : cases) {
    const auto person = CheckPerson(c.typed, "customer_name", true, {}, today);
    EXPECT_EQ(person ? "" : person.error().fields.front().field, c.field) << c.typed.name << c.typed.phone << c.typed.birthday;
    if (person) {
      EXPECT_EQ(person->name, "王芳");
    }
  }
  const auto extended = CheckPerson(cases[1].typed, "name", true, {}, today);
  EXPECT_EQ(extended->phone + "/" + extended->phone_extension, "+861065529988/8012");
  EXPECT_TRUE(CheckPerson({"", "", "", ""}, "name", false, {}, today));
}

}  // namespace
}  // namespace renxin::leads::persons
