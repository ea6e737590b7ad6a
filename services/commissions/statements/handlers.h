#pragma once
#include "renxin/commissions/v1/commissions.pb.h"
#include "shared/runtime/context.h"

namespace renxin::commissions::statements {

Result<v1::Statement> GetStatement(Tx& tx, const CallContext& ctx, const v1::GetStatementRequest& req);
Result<v1::ListStatementsResponse> ListStatements(Tx& tx, const CallContext& ctx, const v1::ListStatementsRequest& req);
Result<v1::ListStatementSourcesResponse> ListStatementSources(Tx& tx, const CallContext& ctx, const v1::ListStatementSourcesRequest& req);

}  // namespace renxin::commissions::statements
