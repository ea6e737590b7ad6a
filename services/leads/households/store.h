#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/leads/households/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::leads::households {

enum class State : std::uint8_t { kUnspecified = 0, kProposed = 1, kConfirmed = 2 };

struct Household {
  std::string id;
  State state = State::kProposed;
  std::vector<std::string> members;
};

// The phone's household, without its members, held for update; by phone index.
std::map<std::string, Household> OfPhones(Tx& tx, const std::vector<std::string>& phone_indexes);
void WantOfPhones(Tx& tx, const std::vector<std::string>& phone_indexes);
// A new proposed household; staged, with history. Answers its id.
std::string Propose(Tx& tx, const std::string& phone_index, const std::string& imported_from, std::string_view by, Instant now);
// Staged. Who is there already stays.
void AddMember(Tx& tx, const std::string& household_id, const std::string& customer_id);

// A household counts for a source when two different people of it came from there, as they stand now.
std::int64_t Count(Tx& tx, const std::string& imported_from);
inline const contract::List kHouseholdList{"households", {contract::KeyPart::kUuid}};
// By id. `state` unspecified: all.
contract::Paged<Household> List(Tx& tx, State state, const contract::Page& page);
std::optional<Household> Get(Tx& tx, const std::string& id);
std::optional<Household> GetForUpdate(Tx& tx, const std::string& id);
void SetState(Tx& tx, const std::string& id, State state);

}  // namespace renxin::leads::households
