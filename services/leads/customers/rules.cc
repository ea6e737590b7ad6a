#include "services/leads/customers/rules.h"

#include "shared/core/normal.h"

namespace renxin::leads::customers {
namespace {
// Clocks differ a little between a counter's machine and ours.
constexpr std::chrono::microseconds kClocksDiffer{60'000'000};
}  // namespace

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

const Decision* Deciding(const std::vector<Decision>& decisions, const std::string& purpose) {
  const Decision* found = nullptr;
  for (const Decision& one : decisions) {
    if (one.purpose != purpose) continue;
    const bool later = found == nullptr || one.at > found->at || (one.at == found->at && !one.given);
    if (later) found = &one;
  }
  return found;
}

Status CheckDecision(Instant at, Instant now) {
  if (at > now.Plus(kClocksDiffer)) return InvalidField("at", "P2", "a decision is not made in the future");
  return Ok{};
}

}  // namespace renxin::leads::customers
