#pragma once
// What a person must be to be written down, on every entry path (G4, G7, G8), and which consent decides (P2).

#include <string>
#include <vector>

#include "shared/core/entry.h"
#include "shared/core/phone.h"
#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::leads::customers {

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

struct Decision {
  std::string purpose;
  bool given = false;
  Instant at;  // of the decision itself; 0 when nobody knows it
  bool operator==(const Decision&) const = default;
};

// P2: the latest by its own time; of two at the same time the withdrawal. Null when nothing was ever decided: then there is
// no consent.
const Decision* Deciding(const std::vector<Decision>& decisions, const std::string& purpose);

// P2: a decision is not made in the future.
Status CheckDecision(Instant at, Instant now);

}  // namespace renxin::leads::customers
