#pragma once
// L3: who of a phone is whom, as pure functions. A phone is a contact, not a person.

#include <optional>
#include <string>
#include <vector>

namespace renxin::leads::households {

// A customer of a phone, by keyed indexes of name and birthday; an empty birthday is not known.
struct Member {
  std::string id;
  std::string name_index;
  std::string birth_index;
};

// Another name, or another birthday where both are known, is another person.
bool IsAnother(const Member& a, const Member& b);

// Which of a phone's customers, the oldest first, a consultation comes from: the same name and birthday;
// else the same name where a birthday is not known. Nothing: a new customer.
std::optional<std::size_t> SamePerson(const std::vector<Member>& of_phone, const Member& who);

// Somebody else has this phone too: the two stand, as a proposed household.
bool MakesHousehold(const std::vector<Member>& of_phone, const Member& who);

}  // namespace renxin::leads::households
