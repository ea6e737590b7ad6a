#include "services/commissions/periods/store.h"

namespace renxin::commissions::periods {

std::optional<FirstPeriod> LoadFirstPeriod(Tx& tx, std::vector<db::UnreadableRow>* unreadable) {
  const auto row = tx.First<std::string, std::string, std::int64_t>(
      "select first_period, set_by, set_at from period_settings where id = 1 and first_period is not null");
  if (!row) return std::nullopt;
  const auto month = db::ReadMonth("period_settings", "1", std::get<0>(*row), unreadable);
  if (!month) return std::nullopt;
  return FirstPeriod{*month, std::get<1>(*row), {std::get<2>(*row)}};
}

Settings LoadSettings(Tx& tx) {
  return {.first_period = LoadFirstPeriod(tx),
          .changes = std::get<0>(*tx.First<std::int64_t>("select changes from period_settings where id = 1"))};
}

Settings LoadSettingsForUpdate(Tx& tx) {
  tx.Exec("update period_settings set changes = changes + 1 where id = 1");
  return LoadSettings(tx);
}

void StoreFirstPeriod(Tx& tx, const FirstPeriod& first) {
  tx.Exec("update period_settings set first_period = :period, set_by = :by, set_at = :at where id = 1",
          {{"period", FormatMonth(first.month)}, {"by", first.by}, {"at", first.at.micros}});
}

std::vector<Month> LockedMonths(Tx& tx, std::vector<db::UnreadableRow>* unreadable) {
  std::vector<Month> months;
  for (auto& [period] : tx.Select<std::string>("select period from periods order by period limit 5000")) {
    if (const auto month = db::ReadMonth("periods", period, period, unreadable)) months.push_back(*month);
  }
  return months;
}

std::optional<Lock> LockOf(Tx& tx, const std::string& period) {
  const auto row =
      tx.First<std::string, std::int64_t>("select locked_by, locked_at from periods where period = :period", {{"period", period}});
  if (!row) return std::nullopt;
  const auto sums = *tx.First<std::int64_t, std::int64_t>(
      "select cast(count(*) as bigint), cast(coalesce(sum(commission_fen), 0) as bigint) from locked_statements where period = :period",
      {{"period", period}});
  return Lock{std::get<0>(*row), {std::get<1>(*row)}, std::get<0>(sums), std::get<1>(sums)};
}

bool InsertLock(Tx& tx, const std::string& period, const std::string& by, Instant now) {
  return tx.Exec("insert into periods (period, locked_by, locked_at) values (:period, :by, :now) on conflict do nothing",
                 {{"period", period}, {"by", by}, {"now", now.micros}}) > 0;
}

}  // namespace renxin::commissions::periods
