#include "services/commissions/ledger/store.h"

#include <stdexcept>

namespace renxin::commissions::ledger {

void RequireBalanced(const std::vector<Entry>& entries) {
  Fen sum = 0;
  for (const Entry& entry : entries) sum += entry.amount;
  if (sum != 0) throw std::logic_error("C14: a journal does not add up to zero");
}

std::vector<Balance> Balances(Tx& tx) {
  std::vector<Balance> out;
  for (auto& [account, balance] : tx.Select<std::string, std::int64_t>(
           "select account, cast(sum(amount_fen) as bigint) from ledger_entries group by account order by account limit 10000")) {
    out.push_back({account, balance});
  }
  return out;
}

}  // namespace renxin::commissions::ledger
