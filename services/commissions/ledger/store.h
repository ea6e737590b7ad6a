#pragma once
// C14: double entry, append-only.

#include <string>
#include <vector>

#include "shared/core/money.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::ledger {

struct Entry {
  std::string account;  // payable:<payee>, expense:<rule>
  Fen amount = 0;       // debit positive, credit negative
};

// One journal; throws std::logic_error when it does not add up to zero.
void Post(Tx& tx, const std::string& period, const std::string& memo, const std::vector<Entry>& entries, Instant now);

struct Balance {
  std::string account;
  Fen balance = 0;
};
std::vector<Balance> Balances(Tx& tx);

}  // namespace renxin::commissions::ledger
