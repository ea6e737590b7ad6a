#include "services/commissions/statements/handlers.h"

#include <algorithm>

#include "services/commissions/periods/rules.h"
#include "services/commissions/statements/store.h"
#include "services/commissions/statements/stored.h"
#include "shared/contract/page.h"

namespace renxin::commissions::statements {
namespace {

const contract::List kSourceList{"statement_sources", {contract::KeyPart::kNumber}};

// Another's statement is not there at all for who may not see it.
Result<Statement> FindFor(Tx& tx, const CallContext& ctx, const std::string& payee, const std::string& period) {
  ASSIGN_OR_RETURN(const Month month, ParseMonth(period));
  RETURN_IF_ERROR(periods::CheckMonth(month, ctx.env.zone.MonthOf(ctx.now)));
  if (!ctx.scope.Sees(payee)) return NotFound("statement");
  auto statement = StatementReader(tx).Find(payee, month);
  if (!statement) return NotFound("statement");
  return std::move(*statement);
}

}  // namespace

Result<v1::Statement> GetStatement(Tx& tx, const CallContext& ctx, const v1::GetStatementRequest& req) {
  ASSIGN_OR_RETURN(const Statement statement, FindFor(tx, ctx, req.payee(), req.period()));
  v1::Statement out;
  ToProto(statement, &out);
  return out;
}

Result<v1::ListStatementsResponse> ListStatements(Tx& tx, const CallContext& ctx, const v1::ListStatementsRequest& req) {
  ASSIGN_OR_RETURN(const Month month, ParseMonth(req.period()));
  RETURN_IF_ERROR(periods::CheckMonth(month, ctx.env.zone.MonthOf(ctx.now)));
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kStatementList, req));
  StatementReader reader(tx);
  v1::ListStatementsResponse out;
  out.set_locked(reader.IsLocked(month));
  out.set_history(reader.IsHistory(month));
  const contract::Paged<runtime::RosterEntry> page = reader.Payees(month, req.imported_from(), ctx.scope, asked);
  for (const runtime::RosterEntry& payee : page.rows) {
    if (const auto statement = reader.Find(payee.staff_id, month)) ToProto(*statement, out.add_statements());
  }
  for (const std::string& name : Names(reader.unreadable())) out.add_unreadable_rows(name);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::ListStatementSourcesResponse> ListStatementSources(Tx& tx, const CallContext& ctx, const v1::ListStatementSourcesRequest& req) {
  ASSIGN_OR_RETURN(const Statement statement, FindFor(tx, ctx, req.payee(), req.period()));
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(kSourceList, req));
  const std::vector<Source>& sources = statement.sources;
  const std::size_t at = std::min(sources.size(), static_cast<std::size_t>(std::max<std::int64_t>(page.Number(0), 0)));
  v1::ListStatementSourcesResponse out;
  const std::size_t end = std::min(sources.size(), at + static_cast<std::size_t>(page.size()));
  for (std::size_t i = at; i < end; ++i) ToProto(sources[i], out.add_sources());
  if (end < sources.size()) out.set_next_page_token(contract::PageToken(kSourceList, {std::to_string(end)}));
  return out;
}

}  // namespace renxin::commissions::statements
