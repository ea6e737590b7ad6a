#pragma once
// Who is a member: a projection of membership's events.

#include <map>
#include <string>
#include <vector>

#include "services/notifications/birthdays/rules.h"
#include "shared/runtime/context.h"

namespace renxin::notifications::members {

struct Row {
  std::string customer_id;
  std::string member_since;  // empty: nobody
  MemberClass member_class = MemberClass::kNone;
  bool dispute_open = false;
  std::int64_t version = 0;
};

// A lower version never replaces a higher one.
void Upsert(Tx& tx, const Row& row);
// Those of them that are members.
std::map<std::string, birthdays::Member> Find(Tx& tx, const std::vector<std::string>& customer_ids);

}  // namespace renxin::notifications::members
