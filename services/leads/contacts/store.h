#pragma once
// How customers are reached, in clear text, for who sends to them (N3, N4).

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/runtime/context.h"

namespace renxin::leads::contacts {

struct Contact {
  std::string customer_id;
  std::string name;
  std::string phone;
  bool marketing_consent = false;
  // N3: when the person agreed themselves, with the phone they have now; nothing when a file said so.
  std::optional<Instant> express_consent_at;
  std::set<std::string> marks;
};
// Of at most 200 customers; in clear text.
std::vector<Contact> Contacts(Tx& tx, const Environment& env, const std::vector<std::string>& customer_ids);

}  // namespace renxin::leads::contacts
