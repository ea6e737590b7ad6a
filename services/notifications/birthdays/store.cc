#include "services/notifications/birthdays/store.h"

namespace renxin::notifications::birthdays {

std::optional<Run> Unfinished(Tx& tx) {
  const auto row = tx.First<std::string, std::string>("select day, cursor from birthday_runs where done_at is null order by day limit 1");
  if (!row) return std::nullopt;
  return Run{*ParseDay(std::get<0>(*row)), std::get<1>(*row)};
}

std::optional<Day> LastRun(Tx& tx, Day today) {
  const auto row =
      tx.First<std::string>("select day from birthday_runs where day <= :today order by day desc limit 1", {{"today", FormatDay(today)}});
  if (!row) return std::nullopt;
  return *ParseDay(std::get<0>(*row));
}

bool Begin(Tx& tx, Day day, Instant now) {
  return tx.Exec("insert into birthday_runs (day, cursor, found, made, started_at) values (:day, '', 0, 0, :now) on conflict do nothing",
                 {{"day", FormatDay(day)}, {"now", now.micros}}) == 1;
}

bool GoOn(Tx& tx, const Run& run, const std::string& next, int found, int made, Instant now) {
  return tx.Exec(
             "update birthday_runs set cursor = :next, found = found + :found, made = made + :made, done_at = :done "
             "where day = :day and cursor = :cursor and done_at is null",
             {{"next", next.empty() ? run.cursor : next},
              {"found", found},
              {"made", made},
              {"done", next.empty() ? db::Value(now.micros) : db::Value()},
              {"day", FormatDay(run.day)},
              {"cursor", run.cursor}}) == 1;
}

}  // namespace renxin::notifications::birthdays
