#include "services/commissions/periods/store.h"

namespace renxin::commissions::periods {

std::optional<Lock> LockOf(Tx& tx, const std::string& period) {
  const auto row =
      tx.First<std::string, std::int64_t>("select locked_by, locked_at from periods where period = :period", {{"period", period}});
  if (!row) return std::nullopt;
  const auto sums = *tx.First<std::int64_t, std::int64_t>(
      "select cast(count(*) as bigint), cast(coalesce(sum(commission_fen), 0) as bigint) from locked_statements where period = :period",
      {{"period", period}});
  return Lock{std::get<0>(*row), {std::get<1>(*row)}, std::get<0>(sums), std::get<1>(sums)};
}

bool PutLock(Tx& tx, const std::string& period, const std::string& by, Instant now) {
  return tx.Exec("insert into periods (period, locked_by, locked_at) values (:period, :by, :now) on conflict do nothing",
                 {{"period", period}, {"by", by}, {"now", now.micros}}) > 0;
}

}  // namespace renxin::commissions::periods
