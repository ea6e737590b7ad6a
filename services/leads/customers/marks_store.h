#pragma once
// Whom nobody greets (N3): deceased, or marked for compassion. With how they are reached, for who sends. A mark may tell of
// somebody's health (G6): which one it is is a keyed index, and its history is sealed with the person's key.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "shared/runtime/context.h"

namespace renxin::leads::customers::marks {

// False when it stood so already.
bool Store(Tx& tx, const Environment& env, const std::string& customer_id, const std::string& mark, bool set);
std::set<std::string> Of(Tx& tx, const Environment& env, const std::string& customer_id);
// G5; `change` is in clear text on this side.
void AppendHistory(Tx& tx, const Environment& env, db::Change change);
std::vector<db::Change> HistoryOf(Tx& tx, const Environment& env, const std::string& customer_id);

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

}  // namespace renxin::leads::customers::marks
