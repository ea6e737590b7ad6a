#include "services/leads/persons/rules.h"

#include "shared/core/normal.h"

namespace renxin::leads::persons {

Result<Person> CheckPerson(const Person& typed, std::string_view name_field, bool name_required, const PhoneRules& phones, Day today) {
  Person person;
  ASSIGN_OR_RETURN(person.name, CheckName(name_field, typed.name, name_required));
  if (!ShowsNothing(typed.phone)) {
    ASSIGN_OR_RETURN(Phone phone, NormalisePhone(typed.phone, phones));
    person.phone = std::move(phone.e164);
    person.phone_extension = std::move(phone.extension);
  }
  ASSIGN_OR_RETURN(BirthdayText birthday, CheckBirthday(typed.birthday, typed.birthday_calendar, today));
  person.birthday = std::move(birthday.day);
  person.birthday_calendar = std::move(birthday.calendar);
  return person;
}

}  // namespace renxin::leads::persons
