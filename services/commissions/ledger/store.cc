#include "services/commissions/ledger/store.h"

#include <stdexcept>

namespace renxin::commissions::ledger {

namespace {

std::string InPeriod(const std::string& period) { return period.empty() ? "" : "period = :period and "; }

db::Binds Binds(const std::string& period, db::Binds binds) {
  if (!period.empty()) binds.emplace_back("period", period);
  return binds;
}

}  // namespace

void RequireBalanced(const std::vector<Entry>& entries) {
  Fen sum = 0;
  for (const Entry& entry : entries) sum += entry.amount;
  if (sum != 0) throw std::logic_error("C14: a journal does not add up to zero");
}

contract::Paged<Balance> ListBalances(Tx& tx, const std::string& period, const contract::Page& page) {
  std::vector<Balance> out;
  for (auto& [account, balance] : tx.Select<std::string, std::int64_t>(
           "select account, cast(sum(amount_fen) as bigint) from ledger_entries where " + InPeriod(period) +
               "account > :after group by account order by account limit " + std::to_string(page.fetch()),
           Binds(period, {{"after", page.Text(0)}}))) {
    out.push_back({account, balance});
  }
  return contract::Cut(kAccountList, page, std::move(out), [](const Balance& row) { return std::vector<std::string>{row.account}; });
}

Fen SumOfBalances(Tx& tx, const std::string& period) {
  return std::get<0>(*tx.First<std::int64_t>(
      "select cast(coalesce(sum(amount_fen), 0) as bigint) from ledger_entries where " + InPeriod(period) + "account > ''",
      Binds(period, {})));
}

}  // namespace renxin::commissions::ledger
