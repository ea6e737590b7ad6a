#pragma once
// Customers as they are stored (G4, G6).

#include <optional>
#include <string>
#include <vector>

#include "services/leads/households/rules.h"
#include "services/leads/persons/store.h"
#include "shared/runtime/context.h"

namespace renxin::leads::customers {

using persons::Person;

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
  bool birthday_unconfirmed = false;
};

// Staged; answers the new id. Who of a phone is whom is decided by the directory.
std::string Insert(Tx& tx, const Environment& env, const Person& person, const Consent& consent, const Origin& origin,
                   const std::string& imported_from, Instant now);
// Writes `person` over what is there when `origin` comes before the one that is; true when it did.
bool Rewrite(Tx& tx, const Environment& env, const std::string& id, const Person& person, const Origin& origin);
// Keeps the extension that was given with the known phone; true when another one stood.
bool LearnExtension(Tx& tx, const Environment& env, const std::string& id, const std::string& extension);
void LearnBirthday(Tx& tx, const Environment& env, const std::string& id, const Person& person);
// (phone index, customer), the oldest first.
std::vector<std::pair<std::string, households::Member>> OfPhones(Tx& tx, const std::vector<std::string>& phone_indexes);
void WantOfPhones(Tx& tx, const std::vector<std::string>& phone_indexes);

bool Exists(Tx& tx, const std::string& id);
std::optional<Customer> Get(Tx& tx, const Environment& env, const std::string& id);
std::vector<std::pair<std::string, std::string>> OutsideNumbers(Tx& tx, const std::string& id);
std::int64_t Count(Tx& tx, const std::string& imported_from);

// The alias (source, number) → id, for the services that keep references.
void PublishRegistered(Tx& tx, const std::string& id, const std::string& source, const std::string& no, std::int64_t version, Instant now);

}  // namespace renxin::leads::customers
