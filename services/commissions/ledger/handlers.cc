#include "services/commissions/ledger/handlers.h"

#include "services/commissions/ledger/store.h"

namespace renxin::commissions::ledger {

Result<v1::ListLedgerAccountsResponse> ListLedgerAccounts(Tx& tx, const CallContext& /*ctx*/, const v1::ListLedgerAccountsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(kAccountList, req));
  const contract::Paged<Balance> balances = ListBalances(tx, req.period(), page);
  v1::ListLedgerAccountsResponse out;
  for (const Balance& balance : balances.rows) {
    auto* account = out.add_accounts();
    account->set_account(balance.account);
    account->set_balance_fen(balance.balance);
  }
  out.set_sum_fen(SumOfBalances(tx, req.period()));
  out.set_next_page_token(balances.next_page_token);
  return out;
}

}  // namespace renxin::commissions::ledger
