#pragma once
#include <optional>
#include <string>

#include "shared/core/money.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::periods {

struct Lock {
  std::string by;
  Instant at;
  std::int64_t statements = 0;
  Fen commission = 0;
};

std::optional<Lock> LockOf(Tx& tx, const std::string& period);
// False when the period is locked already; at the same moment from two sides the second waits for the first.
bool PutLock(Tx& tx, const std::string& period, const std::string& by, Instant now);

}  // namespace renxin::commissions::periods
