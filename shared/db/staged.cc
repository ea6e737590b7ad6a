// What a transaction collects and sends together: Stage, Upsert, Flush, and the last of it with the commit.

#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>

#include "shared/db/lookups.h"
#include "shared/db/rows_text.h"
#include "shared/db/session.h"
#include "shared/db/statement.h"

namespace renxin::db {
namespace {

// How a statement refuses to insert less than it was given (FlushTogether).
constexpr std::string_view kDivisionByZero = "22012";

Concerns ConcernsOf(std::string_view table) {
  if (table == "outbox") return Concern::kOutbox;
  if (table == "timers") return Concern::kTimers;
  return {};
}

}  // namespace

// A statement of FlushTogether with what it points to.
struct Tx::Together {
  Statement statement;
  std::vector<Value> values;
  std::vector<detail::ColumnKind> kinds;
  std::unique_ptr<std::vector<std::int64_t>> sent;  // of each part, afterwards
};

Tx::Staged& Tx::StagedFor(const InsertSpec& spec, std::string_view version_column) {
  const auto same = [&](const Staged& s) {
    return s.spec.table == spec.table && s.spec.suffix == spec.suffix && s.version.has_value() != version_column.empty() &&
           s.spec.columns == spec.columns;
  };
  if (const auto found = std::find_if(staged_.begin(), staged_.end(), same); found != staged_.end()) return *found;
  Staged& added = staged_.emplace_back(Staged{spec, std::nullopt, std::string(spec.suffix), {}, {}});
  Wake(ConcernsOf(spec.table));
  if (version_column.empty()) return added;
  const auto at = std::find(spec.columns.begin(), spec.columns.end(), version_column);
  if (at == spec.columns.end()) throw std::logic_error("no version column in " + std::string(spec.table));
  added.version = static_cast<std::size_t>(at - spec.columns.begin());
  added.suffix = HighestVersionStands(spec, version_column);
  return added;
}

void Tx::Stage(const InsertSpec& spec, std::vector<Value> row) {
  ++writes_;
  lookups_->Written(spec, row);
  Staged& staged = StagedFor(spec, "");
  if (spec.key_columns > 0) {
    // One statement cannot touch a row twice (PostgreSQL refuses it): the later row wins.
    const auto [at, added] = staged.by_key.emplace(KeyOf(row, spec.key_columns), staged.rows.size());
    if (!added) {
      staged.rows[at->second] = std::move(row);
      return;
    }
  }
  staged.rows.push_back(std::move(row));
}

void Tx::Upsert(const UpsertSpec& spec, std::vector<Value> row) {
  ++writes_;
  const InsertSpec insert{.table = spec.table, .columns = spec.columns, .suffix = "", .key_columns = spec.key_columns};
  lookups_->Written(insert, row);
  Staged& staged = StagedFor(insert, spec.version_column);
  const auto [at, added] = staged.by_key.emplace(KeyOf(row, spec.key_columns), staged.rows.size());
  if (added) {
    staged.rows.push_back(std::move(row));
    return;
  }
  std::vector<Value>& standing = staged.rows[at->second];
  const auto version = [&](const std::vector<Value>& of) { return std::get<std::int64_t>(of[*staged.version]); };
  if (version(row) > version(standing)) standing = std::move(row);
}

bool Tx::UpsertNow(const UpsertSpec& spec, const std::vector<Value>& row) {
  const InsertSpec insert{.table = spec.table, .columns = spec.columns, .suffix = "", .key_columns = spec.key_columns};
  return ExecRows(InsertHead(insert), {}, {row}, HighestVersionStands(insert, spec.version_column)) == 1;
}

void Tx::Flush() {
  if (staged_.empty()) return;
  const std::vector<Staged> staged = ConsumeStaged();
  if (std::optional<Together> together = FlushTogether(staged, Checks::kCounted)) {
    session_.Run(&together->statement);
    for (std::size_t i = 0; i < staged.size(); ++i) CheckSent(staged[i], together->sent->at(i));
    return;
  }
  for (const Staged& one : staged) CheckSent(one, SendRows(InsertHead(one.spec), {}, one.rows, one.suffix));
}

std::vector<Tx::Staged> Tx::ConsumeStaged() {
  std::vector<Staged> staged = std::exchange(staged_, {});
  for (Staged& one : staged) {
    // By their keys: two replicas that bring the same records wait for each other in one direction only.
    if (one.version) std::sort(one.rows.begin(), one.rows.end());
  }
  return staged;
}

void Tx::CheckSent(const Staged& staged, std::int64_t sent) {
  if (staged.spec.must_be_new && sent != static_cast<std::int64_t>(staged.rows.size()))
    throw DbError(ErrorKind::kRetry, "inserted meanwhile");
}

// All tables in one statement, where the database can and no table has more rows than one statement takes:
// with w0 as (insert …), w1 as (insert …) select the number of rows of each. Where the commit goes with it, nobody compares the numbers of
// what must be new: they are divided by whether they are right.
std::optional<Tx::Together> Tx::FlushTogether(const std::vector<Staged>& staged, Checks checks) {
  if (dialect() != Dialect::kPostgres || (staged.size() < 2 && checks == Checks::kCounted)) return std::nullopt;
  std::set<std::string_view> tables;
  for (const Staged& one : staged) {
    // Two parts of one statement do not see each other's rows: what goes into one table in two ways goes one after the other.
    if (one.rows.size() > kArrayRowsMax || !tables.insert(one.spec.table).second) return std::nullopt;
  }
  Together out;
  std::string with;
  std::string counts;
  for (std::size_t i = 0; i < staged.size(); ++i) {
    const Staged& one = staged[i];
    const std::string name = "w" + std::to_string(i);
    Arrays arrays = UnnestOf(one.rows, 0, one.rows.size(), session_.ColumnTypes(one.spec));
    with += (i == 0 ? "with " : ", ") + name + " as (" + InsertHead(one.spec) + arrays.sql + ' ' + one.suffix + " returning 1)";
    std::move(arrays.values.begin(), arrays.values.end(), std::back_inserter(out.values));
  }
  for (std::size_t i = 0; i < staged.size(); ++i) {
    const Staged& one = staged[i];
    const bool refuses = checks == Checks::kRefused && one.spec.must_be_new;
    counts += (i == 0 ? " select (select " : ", (select ") +
              std::string(refuses ? "count(*) / cast(count(*) = cast(:n as bigint) as integer)" : "count(*)") + " from w" +
              std::to_string(i) + ')';
    if (refuses) out.values.emplace_back(static_cast<std::int64_t>(one.rows.size()));
  }
  out.kinds.assign(staged.size(), detail::ColumnKind::kInteger);
  out.statement.sql = with + counts;
  for (const Value& value : out.values) out.statement.parameters.push_back({{}, &value});
  out.statement.columns = {out.kinds.data(), out.kinds.size()};
  out.sent = std::make_unique<std::vector<std::int64_t>>();
  out.statement.row = [sent = out.sent.get()](std::vector<detail::Cell>& cells) {
    for (const detail::Cell& cell : cells) sent->push_back(cell.integer);
  };
  return out;
}

// False when that cannot be one round trip: nothing has been done.
bool Tx::FlushAndCommit() {
  if (staged_.empty()) return false;
  std::vector<Staged> staged = ConsumeStaged();
  std::optional<Together> together = FlushTogether(staged, Checks::kRefused);
  if (!together) {
    staged_ = std::move(staged);
    return false;
  }
  std::vector<Statement> statements;
  statements.push_back(std::move(together->statement));
  try {
    session_.RunAndCommit(&statements);
  } catch (const DbError& error) {
    if (error.code() == kDivisionByZero) throw DbError(ErrorKind::kRetry, "inserted meanwhile");
    throw;
  }
  return true;
}

}  // namespace renxin::db
