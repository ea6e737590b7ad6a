#include "services/commissions/lock/store.h"

#include "renxin/identity/v1/identity_events.pb.h"
#include "services/commissions/statements/stored.h"
#include "shared/core/text.h"

namespace renxin::commissions::lock {
namespace {

const db::InsertSpec kStatements{.table = "draft_statements",
                                 .columns = {"operation_id", "period", "payee_id", "commission_fen", "statement_hash", "roster", "body"}};
const db::InsertSpec kSources{.table = "draft_sources",
                              .columns = {"operation_id", "period", "payee_id", "settlement_id", "line_no", "version", "body"}};
const db::InsertSpec kEntries{.table = "draft_entries",
                              .columns = {"operation_id", "payee_id", "id", "journal_id", "account", "amount_fen", "period", "memo"}};
constexpr int kDraftsDroppedAtOnce = 50;

const db::InsertSpec kClosings{.table = "draft_closings", .columns = {"operation_id", "payee_id", "month", "stamp"}};
const db::InsertSpec kCarries{.table = "draft_carries", .columns = {"operation_id", "payee_id", "month", "rule_key", "carry_fen"}};

// C14: what is owed to the payee against what it was for; one journal a statement.
std::vector<ledger::Entry> AccrualOf(const statements::Statement& statement) {
  std::vector<ledger::Entry> entries;
  for (const auto& [rule, fen] : statement.totals) entries.push_back({"expense:" + rule, fen});
  entries.push_back({"payable:" + statement.payee_id, -statement.commission});
  return entries;
}

void StageEntries(Tx& tx, const std::string& operation, const statements::Statement& statement) {
  const std::vector<ledger::Entry> entries = AccrualOf(statement);
  ledger::RequireBalanced(entries);
  const std::string journal = NewId();
  const std::string memo = "statement " + statement.period + " of " + statement.staff_no;
  for (const ledger::Entry& entry : entries) {
    if (entry.amount == 0) continue;
    tx.Stage(kEntries, {operation, statement.payee_id, NewId(), journal, entry.account, entry.amount, statement.period, memo});
  }
}

}  // namespace

void StoreDraft(Tx& tx, const std::string& operation, const Draft& draft) {
  statements::Statement frozen = draft.statement;
  frozen.locked = true;
  tx.Stage(kStatements, {operation, frozen.period, frozen.payee_id, frozen.commission, frozen.hash,
                         ToBase64(draft.payee.snapshot->SerializeAsString()), statements::BodyOf(frozen)});
  for (const statements::Source& source : frozen.sources) {
    tx.Stage(kSources,
             {operation, frozen.period, frozen.payee_id, source.settlement_id, source.line_no, source.version, statements::BodyOf(source)});
  }
  StageEntries(tx, operation, frozen);
  tx.Stage(kClosings, {operation, frozen.payee_id, frozen.period, draft.stamp});
  for (const auto& [rule_key, fen] : frozen.carry) {
    if (fen != 0) tx.Stage(kCarries, {operation, frozen.payee_id, frozen.period, rule_key, fen});
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
  tx.Exec("insert into closings (payee_id, month, stamp) select payee_id, month, stamp from draft_closings where operation_id = :operation",
          of);
  tx.Exec(
      "insert into closing_carries (payee_id, month, rule_key, carry_fen) select payee_id, month, rule_key, carry_fen from draft_carries "
      "where operation_id = :operation",
      of);
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
  for (auto& [payee] :
       tx.Select<std::string>("select payee_id from draft_statements where operation_id = :operation order by payee_id limit " +
                                  std::to_string(kDraftsDroppedAtOnce),
                              {{"operation", operation}})) {
    payees.push_back(payee);
  }
  for (const char* table : {"draft_sources", "draft_entries", "draft_carries", "draft_closings", "draft_statements"}) {
    tx.ExecIn("delete from " + std::string(table) + " where operation_id = :operation and payee_id in (:keys)", payees,
              {{"operation", operation}});
  }
  return payees.size() == static_cast<std::size_t>(kDraftsDroppedAtOnce);
}

}  // namespace renxin::commissions::lock
