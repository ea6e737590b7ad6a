#include "services/notifications/members/store.h"

namespace renxin::notifications::members {

namespace {
const db::UpsertSpec kMembers{.table = "members", .columns = {"customer_id", "member_since", "member_class", "dispute_open", "version"}};
}  // namespace

void Upsert(Tx& tx, const Row& row) {
  tx.Upsert(kMembers, {row.customer_id, db::TextOrNull(row.member_since), std::int64_t{static_cast<int>(row.member_class)},
                       std::int64_t{row.dispute_open}, row.version});
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
