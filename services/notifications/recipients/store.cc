#include "services/notifications/recipients/store.h"

namespace renxin::notifications::recipients {

bool Put(Tx& tx, const std::string& recipient, bool opted_out) {
  if (!opted_out) return tx.Exec("update opt_outs set opted_out = 0 where recipient = :id and opted_out = 1", {{"id", recipient}}) > 0;
  return tx.Exec(
             "insert into opt_outs (recipient, opted_out) values (:id, 1) "
             "on conflict (recipient) do update set opted_out = 1 where opt_outs.opted_out = 0",
             {{"id", recipient}}) > 0;
}

bool IsOptedOut(Tx& tx, const std::string& recipient) { return OptedOut(tx, {recipient}).contains(recipient); }

std::set<std::string> OptedOut(Tx& tx, const std::vector<std::string>& recipients) {
  std::set<std::string> out;
  for (auto& [id] : tx.SelectIn<std::string>("select recipient from opt_outs where opted_out = 1 and recipient in (:keys)", recipients))
    out.insert(id);
  return out;
}

}  // namespace renxin::notifications::recipients
