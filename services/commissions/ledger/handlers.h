#pragma once
#include "renxin/commissions/v1/commissions.pb.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::ledger {

Result<v1::ListLedgerAccountsResponse> ListLedgerAccounts(Tx& tx, const CallContext& ctx, const v1::ListLedgerAccountsRequest& req);

}  // namespace renxin::commissions::ledger
