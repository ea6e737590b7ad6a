#include "services/leads/customers/rules.h"

#include <algorithm>

#include "shared/core/normal.h"

namespace renxin::leads::customers {
namespace {

// A consent from the future that was let in once does not outlive what was said after it.
Instant TimeOf(const Decision& one) { return std::min(one.at, one.recorded_at); }

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
    const bool later = found == nullptr || TimeOf(one) > TimeOf(*found) || (TimeOf(one) == TimeOf(*found) && !one.given);
    if (later) found = &one;
  }
  return found;
}

Result<std::string> CheckConsent(const ConsentFields& names, std::optional<Instant> at, const std::string& source, Instant now,
                                 EntryPath path) {
  if (at) RETURN_IF_ERROR(CheckHappened(names.at, *at, now, path));
  return CheckText(names.source, source, kCodeMost);
}

}  // namespace renxin::leads::customers
