#pragma once
// Customers and households (L3, G4, G6).

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/runtime/context.h"

namespace renxin::leads::customers {

// What a row or a request says of a person, in clear text; phone is E.164 or empty.
struct Person {
  std::string name;
  std::string phone;
  std::string birthday;
  std::string birthday_calendar;
};

struct Consent {
  bool marketing = false;
  std::optional<Instant> at;
  std::string source;
};

// Who named the customer: a row of customers.csv before a lead before a settlement, then by number.
// The lowest one's data stand, so that the order of files does not matter.
struct Origin {
  int rank = 0;
  std::string key;
};

struct Customer {
  std::string id;
  Person person;
  Consent consent;
  std::string imported_from;
  std::int64_t version = 0;
};

struct Added {
  std::string id;
  bool household_proposed = false;
};

// The customers that a batch of rows may touch, loaded once; new ones are staged.
class Book {
 public:
  Book(Tx& tx, const Environment& env, Instant now) : tx_(tx), env_(env), now_(now) {}

  // One at a time from here to the commit for a phone: two people of it who come at the same moment see
  // each other and end in one household. Call before LoadPhones.
  void HoldPhone(const std::string& phone);
  // Looks the phones up in one go. Call before Add.
  void LoadPhones(const std::vector<std::string>& phones);
  // A new customer; one of the same phone and another name makes a proposed household.
  Added Add(const Person& person, const Consent& consent, const Origin& origin, const std::string& imported_from);
  // Writes `person` over what is there when `origin` comes before the one that is; true when it did.
  bool Update(const std::string& id, const Person& person, const std::optional<Consent>& consent, const Origin& origin);
  // The id of the customer of phone and name, when there is one.
  std::optional<std::string> FindPerson(const Person& person);

 private:
  struct Known {
    std::string id;
    std::string name_index;
  };
  bool Propose(const std::string& phone_index, const std::string& id, const std::string& name_index, const std::string& imported_from);
  Tx& tx_;
  const Environment& env_;
  Instant now_;
  std::map<std::string, std::vector<Known>> by_phone_;
  std::map<std::string, std::string> household_of_;
};

std::optional<Customer> Get(Tx& tx, const Environment& env, const std::string& id);
std::vector<std::pair<std::string, std::string>> OutsideNumbers(Tx& tx, const std::string& id);
std::int64_t Count(Tx& tx, const std::string& imported_from);
std::int64_t CountHouseholds(Tx& tx, const std::string& imported_from);

struct HouseholdRow {
  std::string id;
  int state = 0;
  std::vector<std::string> members;
};
std::vector<HouseholdRow> Households(Tx& tx, const std::string& after, int limit);
std::optional<HouseholdRow> GetHousehold(Tx& tx, const std::string& id);
void SetHouseholdState(Tx& tx, const std::string& id, int state);

// The alias (source, number) → id, for the services that keep references.
void PublishRegistered(Tx& tx, const std::string& id, const std::string& source, const std::string& no, std::int64_t version, Instant now);

// Codes that were never seen before, of those given; they are known from now on.
std::set<std::string> TakeCodes(Tx& tx, const std::string& kind, const std::set<std::string>& codes);

}  // namespace renxin::leads::customers
