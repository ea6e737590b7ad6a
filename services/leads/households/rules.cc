#include "services/leads/households/rules.h"

#include <algorithm>

namespace renxin::leads::households {

bool IsAnother(const Member& a, const Member& b) {
  if (a.name_index != b.name_index) return true;
  return !a.birth_index.empty() && !b.birth_index.empty() && a.birth_index != b.birth_index;
}

std::optional<std::size_t> SamePerson(const std::vector<Member>& of_phone, const Member& who) {
  std::optional<std::size_t> unsure;
  for (std::size_t i = 0; i < of_phone.size(); ++i) {
    if (IsAnother(of_phone[i], who)) continue;
    if (of_phone[i].birth_index == who.birth_index) return i;
    if (!unsure) unsure = i;
  }
  return unsure;
}

bool MakesHousehold(const std::vector<Member>& of_phone, const Member& who) {
  return std::any_of(of_phone.begin(), of_phone.end(), [&](const Member& one) { return one.id != who.id && IsAnother(one, who); });
}

}  // namespace renxin::leads::households
