#include "services/notifications/members/store.h"

namespace renxin::notifications::members {

void Keep(Tx& tx, const Row& row) {
  tx.Exec(
      "insert into members (customer_id, member_since, member_class, dispute_open, version) "
      "values (:id, :since, :class, :dispute, :version) "
      "on conflict (customer_id) do update set member_since = excluded.member_since, member_class = excluded.member_class, "
      "dispute_open = excluded.dispute_open, version = excluded.version where excluded.version > members.version",
      {{"id", row.customer_id},
       {"since", db::TextOrNull(row.member_since)},
       {"class", static_cast<int>(row.member_class)},
       {"dispute", row.dispute_open ? 1 : 0},
       {"version", row.version}});
}

std::map<std::string, birthdays::Member> Find(Tx& tx, const std::vector<std::string>& customer_ids) {
  std::map<std::string, birthdays::Member> found;
  for (auto& [id, member_class, dispute] : tx.SelectIn<std::string, std::int64_t, std::int64_t>(
           "select customer_id, member_class, dispute_open from members where member_since is not null and customer_id in (:keys)",
           customer_ids)) {
    found[id] = {static_cast<MemberClass>(member_class), dispute != 0};
  }
  return found;
}

}  // namespace renxin::notifications::members
