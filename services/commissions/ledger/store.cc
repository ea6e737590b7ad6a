#include "services/commissions/ledger/store.h"

#include <stdexcept>

#include "shared/core/text.h"

namespace renxin::commissions::ledger {
namespace {

const db::InsertSpec kEntries{.table = "ledger_entries",
                              .columns = {"id", "journal_id", "account", "amount_fen", "period", "memo", "booked_at"}};

}  // namespace

void Post(Tx& tx, const std::string& period, const std::string& memo, const std::vector<Entry>& entries, Instant now) {
  Fen sum = 0;
  for (const Entry& entry : entries) sum += entry.amount;
  if (sum != 0) throw std::logic_error("C14: a journal does not add up to zero");
  const std::string journal = NewId();
  for (const Entry& entry : entries) {
    if (entry.amount != 0) tx.Stage(kEntries, {NewId(), journal, entry.account, entry.amount, period, memo, now.micros});
  }
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
