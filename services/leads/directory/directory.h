#pragma once
// Who of a batch of rows is whom (L3): the customers of their phones, loaded once, the new ones staged.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/leads/customers/store.h"
#include "services/leads/households/store.h"

namespace renxin::leads::directory {

using customers::Consent;
using customers::Origin;
using persons::Person;

struct Added {
  std::string id;
  // A household that was not there came of it.
  bool household_proposed = false;
  // It stands in a household, whichever way that came about.
  bool in_household = false;
};

class CustomerDirectory {
 public:
  // `by`: who does it, for the history.
  CustomerDirectory(Tx& tx, const Environment& env, std::string by, Instant now) : tx_(tx), env_(env), by_(std::move(by)), now_(now) {}

  // A command declares that it will call LoadPhones (db/lookup.h).
  static void WantPhones(Tx& tx, const Environment& env, const std::vector<std::string>& phones);
  // Holds the phones until the commit and looks them up in one go. Call before the others.
  void LoadPhones(const std::vector<std::string>& phones);
  // A new customer; somebody else of the same phone makes it a proposed household.
  Added Add(const Person& person, const Consent& consent, const Origin& origin, const std::string& imported_from);
  // Writes `person` over what is there when `origin` comes before the one that is; true when it did.
  bool Update(const std::string& id, const Person& person, const Origin& origin);
  // The customer of phone, name and birthday, when there is one; a birthday that was not known is kept.
  std::optional<std::string> FindPerson(const Person& person);

 private:
  households::Member MemberOf(const std::string& id, const Person& person) const;
  bool AssignHousehold(const households::Member& who, const std::string& phone_index, const std::string& imported_from);

  Tx& tx_;
  const Environment& env_;
  std::string by_;
  Instant now_;
  std::map<std::string, std::vector<households::Member>> by_phone_;
  std::map<std::string, households::Household> household_of_;
};

}  // namespace renxin::leads::directory
