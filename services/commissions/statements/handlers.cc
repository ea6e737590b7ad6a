#include "services/commissions/statements/handlers.h"

#include <algorithm>

#include "services/commissions/periods/rules.h"
#include "services/commissions/statements/store.h"
#include "shared/contract/page.h"

namespace renxin::commissions::statements {
namespace {

const contract::List kSourceList{"statement_sources", {contract::KeyPart::kNumber}};

// Another's statement is not there at all for who may not see it.
Result<ComputedStatement> ComputeFor(Tx& tx, const CallContext& ctx, const std::string& payee, const std::string& period) {
  ASSIGN_OR_RETURN(const Month month, ParseMonth(period));
  RETURN_IF_ERROR(periods::CheckMonth(month, ctx.env.zone.MonthOf(ctx.now)));
  if (!ctx.scope.Sees(payee)) return NotFound("statement");
  auto computed = StatementCalculator(tx).Find(payee, month);
  if (!computed) return NotFound("statement");
  return std::move(*computed);
}

}  // namespace

Result<v1::Statement> GetStatement(Tx& tx, const CallContext& ctx, const v1::GetStatementRequest& req) {
  ASSIGN_OR_RETURN(ComputedStatement computed, ComputeFor(tx, ctx, req.payee(), req.period()));
  return std::move(*computed.statement);
}

Result<v1::ListStatementsResponse> ListStatements(Tx& tx, const CallContext& ctx, const v1::ListStatementsRequest& req) {
  ASSIGN_OR_RETURN(const Month month, ParseMonth(req.period()));
  RETURN_IF_ERROR(periods::CheckMonth(month, ctx.env.zone.MonthOf(ctx.now)));
  StatementCalculator calculator(tx);
  v1::ListStatementsResponse out;
  out.set_locked(calculator.IsLocked(month));
  out.set_history(calculator.IsHistory(month));
  for (const runtime::RosterEntry& payee : calculator.Payees(month, req.imported_from())) {
    if (!ctx.scope.Sees(payee.staff_id)) continue;
    const auto computed = calculator.Find(payee.staff_id, month);
    if (!computed) continue;
    auto* row = out.add_statements();
    row->set_payee_id(payee.staff_id);
    row->set_staff_no(payee.staff_no);
    for (const auto& line : computed->statement->lines()) {
      if (!line.plan().empty()) row->set_plan(line.plan());
    }
    row->set_performance_fen(computed->statement->performance_fen());
    *row->mutable_totals() = computed->statement->totals();
    row->set_commission_fen(computed->statement->commission_fen());
  }
  for (const std::string& name : Names(calculator.unreadable())) out.add_unreadable_rows(name);
  return out;
}

Result<v1::ListStatementSourcesResponse> ListStatementSources(Tx& tx, const CallContext& ctx, const v1::ListStatementSourcesRequest& req) {
  ASSIGN_OR_RETURN(const ComputedStatement computed, ComputeFor(tx, ctx, req.payee(), req.period()));
  ASSIGN_OR_RETURN(const contract::Page page, contract::ReadPage(kSourceList, req));
  const std::size_t at = std::min(computed.sources.size(), static_cast<std::size_t>(std::max<std::int64_t>(page.Number(0), 0)));
  v1::ListStatementSourcesResponse out;
  const std::size_t end = std::min(computed.sources.size(), at + static_cast<std::size_t>(page.size()));
  for (std::size_t i = at; i < end; ++i) *out.add_sources() = computed.sources[i];
  if (end < computed.sources.size()) out.set_next_page_token(contract::PageToken(kSourceList, {std::to_string(end)}));
  return out;
}

}  // namespace renxin::commissions::statements
