#pragma once
#include <optional>
#include <string>
#include <vector>

#include "shared/core/money.h"
#include "shared/db/stored.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::periods {

// C13: the first period that is paid for.
struct FirstPeriod {
  Month month;
  std::string by;
  Instant at;
};
std::optional<FirstPeriod> LoadFirstPeriod(Tx& tx, std::vector<db::UnreadableRow>* unreadable = nullptr);
// What a lock depends on besides facts. `changes` moves on with each lock, plan and first period.
struct Settings {
  std::optional<FirstPeriod> first_period;
  std::int64_t changes = 0;
};
Settings LoadSettings(Tx& tx);
// Counts a change and serialises it with all others: whoever waited here for another reads what that one committed.
Settings LoadSettingsForUpdate(Tx& tx);
// Of the month alone; the caller holds the settings.
void StoreFirstPeriod(Tx& tx, const FirstPeriod& first);

struct Lock {
  std::string by;
  Instant at;
  std::int64_t statements = 0;
  Fen commission = 0;
};

// Ascending. Rows that cannot be read are left out and listed in `unreadable`.
std::vector<Month> LockedMonths(Tx& tx, std::vector<db::UnreadableRow>* unreadable = nullptr);
std::optional<Lock> LockOf(Tx& tx, const std::string& period);
// False when the period is locked already.
bool InsertLock(Tx& tx, const std::string& period, const std::string& by, Instant now);

}  // namespace renxin::commissions::periods
