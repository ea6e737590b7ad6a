#pragma once
// What people agreed to and took back (P2): a set of facts. The one that decides on marketing is kept with the customer.

#include <string>
#include <vector>

#include "services/leads/consents/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::leads::consents {

struct Entry {
  Decision decision;
  std::string source;
  std::string text_version;
  Instant recorded_at;
  std::string recorded_by;
  // N3: a file said so; what a person says by a route is express.
  bool by_file = false;
  std::string phone_index{};  // of the phone that the person had then; written by Record
  std::string id{};           // of a stored one
};

// The first of a customer who is being added: their row says the same.
void StageFirst(Tx& tx, const std::string& customer_id, const Entry& entry);
// The same again is no second one. What decides on marketing is written into the customer's row.
void Record(Tx& tx, const std::string& customer_id, const Entry& entry);
// What decides today: of each purpose the latest, newest first.
std::vector<Entry> Current(Tx& tx, const std::string& customer_id);
inline const contract::List kConsentList{"consents", {contract::KeyPart::kNumber, contract::KeyPart::kUuid}};
// Newest first. `purpose` empty: all.
contract::Paged<Entry> List(Tx& tx, const std::string& customer_id, const std::string& purpose, const contract::Page& page);

}  // namespace renxin::leads::consents
