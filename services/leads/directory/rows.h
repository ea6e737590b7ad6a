#pragma once
// How a row of any file names a customer: by outside number, by name and phone, or both.

#include "services/leads/directory/directory.h"
#include "services/leads/policy/policy.h"
#include "shared/intake/refs.h"

namespace renxin::leads::directory {

// Name, phone (normalised, G4) and birthday of a row, checked as a route checks them; faults are kept in `fields`.
Person ReadPerson(intake::Fields& fields, std::string_view name_column, const PhoneRules& phones, Day today);

// The phones of all rows, normalised, so that the directory loads them at once.
std::vector<std::string> PhonesOf(const intake::KindSpec& kind, const std::vector<intake::Record>& records, const PhoneRules& rules);

// The customer a row of leads.csv or settlements.csv belongs to: known by number, or made from name and
// phone, or (number without them) to be waited for. Rank 1 for leads, 2 for settlements.
struct CustomerOf {
  std::string id;
  int households = 0;
  bool waits = false;
};
// It would be waited for: asked before anything else of the row is checked, and nothing is written yet.
bool WaitsForCustomer(const intake::Refs& refs, const std::string& customer_no, const Person& person);
CustomerOf FindOrAdd(Tx& tx, intake::Batch& batch, intake::Refs& refs, CustomerDirectory& directory, const std::string& customer_no,
                     const Person& person, const Origin& origin);

}  // namespace renxin::leads::directory
