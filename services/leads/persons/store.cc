#include "services/leads/persons/store.h"

#include "shared/core/normal.h"

namespace renxin::leads::persons {
namespace {

constexpr std::string_view kTable = "customers";

}  // namespace

std::string PhoneIndex(const Environment& env, const std::string& phone) { return env.sealer.BlindIndex("phone", phone); }

std::string BirthdayIndex(const Environment& env, const Birthday& birthday) {
  return env.sealer.BlindIndex(
      "birthday", std::string(CalendarName(birthday.calendar)) + "-" + std::to_string(birthday.month) + "-" + std::to_string(birthday.day));
}

Indexes IndexesOf(const Environment& env, const Person& person) {
  Indexes out{.name = env.sealer.BlindIndex("name", NormalForm(person.name)), .phone = "", .birth = "", .birthday = ""};
  if (!person.phone.empty()) out.phone = PhoneIndex(env, person.phone);
  if (person.birthday.empty()) return out;
  out.birth = env.sealer.BlindIndex("birth", person.birthday_calendar + ":" + person.birthday);
  const auto birthday = BirthdayFrom(person.birthday, person.birthday_calendar);
  // A day that is none has a value of its own: nothing is found by it.
  out.birthday = birthday ? BirthdayIndex(env, *birthday) : env.sealer.BlindIndex("birthday", "none");
  return out;
}

privacy::SealedRecord NewRecord(const Environment& env, const std::string& id) {
  return privacy::SealedRecord::New(env.sealer, kTable, id);
}

privacy::SealedRecord LoadRecord(const Environment& env, const std::string& id, const std::string& data_key) {
  return privacy::SealedRecord::Load(env.sealer, kTable, id, data_key);
}

Person Open(const Environment& env, const Sealed& sealed) {
  const privacy::SealedRecord record = LoadRecord(env, sealed.id, sealed.data_key);
  return {.name = record.Open("name", sealed.name),
          .phone = record.Open("phone", sealed.phone),
          .birthday = record.Open("birthday", sealed.birthday),
          .birthday_calendar = sealed.birthday_calendar,
          .phone_extension = record.Open("phone_extension", sealed.phone_extension)};
}

bool IsUnconfirmed(const Person& person) { return IsLikelyPlaceholder({person.birthday, person.birthday_calendar}); }

}  // namespace renxin::leads::persons
