#pragma once
// C14: double entry, append-only.

#include <string>
#include <vector>

#include "shared/contract/page.h"
#include "shared/core/money.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::ledger {

struct Entry {
  std::string account;  // payable:<payee>, expense:<rule>
  Fen amount = 0;       // debit positive, credit negative
};

// Of one journal; throws std::logic_error when it does not add up to zero.
void RequireBalanced(const std::vector<Entry>& entries);

struct Balance {
  std::string account;
  Fen balance = 0;
};
inline const contract::List kAccountList{"ledger_accounts", {contract::KeyPart::kText}};
// `period` empty: all of the ledger.
contract::Paged<Balance> ListBalances(Tx& tx, const std::string& period, const contract::Page& page);
// Of all accounts; zero unless a journal was lost.
Fen SumOfBalances(Tx& tx, const std::string& period);

}  // namespace renxin::commissions::ledger
