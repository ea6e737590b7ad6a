#pragma once
// How a person is stored in `customers` (G6): what was said of them sealed with their data key, what they are found by as keyed
// indexes, so that the table alone discloses nothing.

#include <string>
#include <string_view>

#include "services/leads/persons/rules.h"
#include "shared/privacy/record.h"
#include "shared/runtime/context.h"

namespace renxin::leads::persons {

// Empty where there is nothing.
struct Indexes {
  std::string name;
  std::string phone;
  std::string birth;     // the whole birthday: who is whom (L3)
  std::string birthday;  // calendar, month and day: whose birthday a day is (N2)
};
Indexes IndexesOf(const Environment& env, const Person& person);
std::string PhoneIndex(const Environment& env, const std::string& phone);
std::string BirthdayIndex(const Environment& env, const Birthday& birthday);

// The sealed columns as they are read.
struct Sealed {
  std::string id;
  std::string data_key;
  std::string name;
  std::string phone;
  std::string birthday;
  std::string birthday_calendar;
  std::string phone_extension{};
};
// Throws std::runtime_error when they cannot be opened with this service's keys.
Person Open(const Environment& env, const Sealed& sealed);

privacy::SealedRecord NewRecord(const Environment& env, const std::string& id);
privacy::SealedRecord LoadRecord(const Environment& env, const std::string& id, const std::string& data_key);

// L11: a likely placeholder is not greeted until a person confirms it.
bool IsUnconfirmed(const Person& person);

}  // namespace renxin::leads::persons
