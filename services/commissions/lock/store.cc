#include "services/commissions/lock/store.h"

#include "shared/core/text.h"

namespace renxin::commissions::lock {
namespace {

const db::InsertSpec kStatements{.table = "draft_statements",
                                 .columns = {"operation_id", "period", "payee_id", "commission_fen", "statement_hash", "roster", "body"}};
const db::InsertSpec kSources{.table = "draft_sources",
                              .columns = {"operation_id", "period", "payee_id", "settlement_id", "line_no", "version", "body"}};
const db::InsertSpec kEntries{.table = "draft_entries",
                              .columns = {"operation_id", "payee_id", "id", "journal_id", "account", "amount_fen", "period", "memo"}};
constexpr int kPayeesAtOnce = 50;

// C14: what is owed to the payee against what it was for; one journal a statement.
std::vector<ledger::Entry> AccrualOf(const v1::Statement& statement) {
  std::vector<ledger::Entry> entries;
  for (const auto& total : statement.totals()) entries.push_back({"expense:" + total.rule(), total.amount_fen()});
  entries.push_back({"payable:" + statement.payee_id(), -statement.commission_fen()});
  return entries;
}

}  // namespace

void StoreDraft(Tx& tx, const std::string& operation, Month period, const Draft& draft) {
  const std::string month = FormatMonth(period);
  const std::string& payee = draft.payee.staff_id;
  v1::Statement frozen = draft.computed.statement;
  frozen.set_locked(true);
  tx.Stage(kStatements, {operation, month, payee, frozen.commission_fen(), frozen.hash(),
                         ToBase64(draft.payee.snapshot.SerializeAsString()), ToBase64(frozen.SerializeAsString())});
  for (std::size_t i = 0; i < draft.computed.sources.size(); ++i) {
    const auto& [settlement, version] = draft.computed.versions[i];
    tx.Stage(kSources, {operation, month, payee, settlement, draft.computed.sources[i].line_no(), version,
                        ToBase64(draft.computed.sources[i].SerializeAsString())});
  }
  const std::vector<ledger::Entry> entries = AccrualOf(frozen);
  ledger::RequireBalanced(entries);
  const std::string journal = NewId();
  for (const ledger::Entry& entry : entries) {
    if (entry.amount != 0)
      tx.Stage(kEntries,
               {operation, payee, NewId(), journal, entry.account, entry.amount, month, "statement " + month + " of " + frozen.staff_no()});
  }
}

std::vector<Frozen> Freeze(Tx& tx, const std::string& operation, Instant now) {
  const db::Binds of{{"operation", operation}};
  tx.Exec(
      "insert into locked_statements (period, payee_id, commission_fen, statement_hash, roster, body) select period, payee_id, "
      "commission_fen, statement_hash, roster, body from draft_statements where operation_id = :operation",
      of);
  tx.Exec(
      "insert into locked_sources (period, payee_id, settlement_id, line_no, version, body) select period, payee_id, settlement_id, "
      "line_no, version, body from draft_sources where operation_id = :operation",
      of);
  tx.Exec(
      "insert into ledger_entries (id, journal_id, account, amount_fen, period, memo, booked_at) select id, journal_id, account, "
      "amount_fen, period, memo, cast(:now as bigint) from draft_entries where operation_id = :operation",
      {{"now", now.micros}, {"operation", operation}});
  std::vector<Frozen> out;
  for (auto& [payee, commission, hash] : tx.Select<std::string, std::int64_t, std::string>(
           "select payee_id, commission_fen, statement_hash from draft_statements where operation_id = :operation order by payee_id limit "
           "100000",
           of)) {
    out.push_back({payee, commission, hash});
  }
  return out;
}

bool DropDrafts(Tx& tx, const std::string& operation) {
  std::vector<std::string> payees;
  for (auto& [payee] : tx.Select<std::string>(
           "select payee_id from draft_statements where operation_id = :operation order by payee_id limit " + std::to_string(kPayeesAtOnce),
           {{"operation", operation}})) {
    payees.push_back(payee);
  }
  for (const char* table : {"draft_sources", "draft_entries", "draft_statements"}) {
    tx.ExecIn("delete from " + std::string(table) + " where operation_id = :operation and payee_id in (:keys)", payees,
              {{"operation", operation}});
  }
  return payees.size() == static_cast<std::size_t>(kPayeesAtOnce);
}

}  // namespace renxin::commissions::lock
