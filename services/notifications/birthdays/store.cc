#include "services/notifications/birthdays/store.h"

#include "shared/db/stored.h"

namespace renxin::notifications::birthdays {

std::optional<Run> Unfinished(Tx& tx) {
  for (const auto& [day, cursor] :
       tx.Select<std::string, std::string>("select day, cursor from birthday_runs where done_at is null order by day limit 20")) {
    if (const auto read = db::ReadDay("birthday_runs", day, day)) return Run{*read, cursor};
  }
  return std::nullopt;
}

std::optional<Day> LastRun(Tx& tx, Day today) {
  for (const auto& [day] : tx.Select<std::string>("select day from birthday_runs where day <= :today order by day desc limit 20",
                                                  {{"today", FormatDay(today)}})) {
    if (const auto read = db::ReadDay("birthday_runs", day, day)) return *read;
  }
  return std::nullopt;
}

bool Begin(Tx& tx, Day day, Instant now) {
  return tx.Exec("insert into birthday_runs (day, cursor, found, made, started_at) values (:day, '', 0, 0, :now) on conflict do nothing",
                 {{"day", FormatDay(day)}, {"now", now.micros}}) == 1;
}

bool Continue(Tx& tx, const Run& run, const std::string& next, int found, int made, Instant now) {
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
