#pragma once
// What people agreed to and took back (P2): a set of facts. The one that decides on marketing is kept with the customer.

#include <string>
#include <vector>

#include "services/leads/consents/rules.h"
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
};

// The first of a customer who is being added: their row says the same.
void StageFirst(Tx& tx, const std::string& customer_id, const Entry& entry);
// The same again is no second one. What decides on marketing is written into the customer's row.
void Record(Tx& tx, const std::string& customer_id, const Entry& entry);
// Newest first, at most 200.
std::vector<Entry> List(Tx& tx, const std::string& customer_id);

}  // namespace renxin::leads::consents
