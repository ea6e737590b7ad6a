#pragma once
// What a person must be to be written down, on every entry path (G4, G7, G8).

#include <string>
#include <string_view>

#include "shared/core/entry.h"
#include "shared/core/phone.h"
#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::leads::persons {

// What a row or a request says of a person, in clear text; phone is E.164 or empty.
struct Person {
  std::string name;
  std::string phone;
  std::string birthday;
  std::string birthday_calendar;
  std::string phone_extension{};
};

// What was typed becomes what is kept. `name_field` is what the entry path calls the name; a required name is there.
Result<Person> CheckPerson(const Person& typed, std::string_view name_field, bool name_required, const PhoneRules& phones, Day today);

}  // namespace renxin::leads::persons
