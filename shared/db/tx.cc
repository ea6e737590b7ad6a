#include "shared/db/tx.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <unordered_set>

#include "shared/db/listener.h"
#include "shared/db/lookups.h"
#include "shared/db/rows_text.h"
#include "shared/db/session.h"
#include "shared/db/statements.h"
#include "shared/db/translate.h"

namespace renxin::db {
namespace {

// SQLite takes 32,766 parameters; SOCI's own work per statement grows with them, and the statements of all sizes are to stay prepared.
constexpr std::size_t kParametersMax = 256;

// How many of `left` rows or keys go into one statement of SQLite: a power of two, so that there are few statements and they stay prepared.
std::size_t PieceOf(std::size_t left, std::size_t most) {
  std::size_t piece = 1;
  while (piece * 2 <= std::min(left, most)) piece *= 2;
  return piece;
}
// PostgreSQL is given a column as one array: the statement stays short however many rows it has.
constexpr std::size_t kRowsMax = 256;

std::vector<PreparedStatements::Parameter> ParametersOf(const Binds& binds) {
  std::vector<PreparedStatements::Parameter> out;
  out.reserve(binds.size());
  for (const Bind& bind : binds) out.push_back({bind.name, &bind.value});
  return out;
}

Concerns ConcernsOf(std::string_view table) {
  if (table == "outbox") return Concern::kOutbox;
  if (table == "timers") return Concern::kTimers;
  return {};
}

}  // namespace

Tx::Tx(Session& session, bool read_only, Reads reads)
    : session_(session), read_only_(read_only), reads_(reads), lookups_(std::make_unique<Lookups>()) {
  if (reads_ == Reads::kStatement) return;
  session_.Begin(read_only);
  open_ = true;
}

Tx::~Tx() {
  if (open_) {
    Rollback();
  } else if (reads_ == Reads::kStatement) {
    session_.GiveBack();
  }
}

void Tx::ExpectOneStatement() {
  if (reads_ == Reads::kStatement) statements_left_ = 1;
}

void Tx::CountStatement() {
  if (statements_left_ == 0) throw std::logic_error("a second statement where one was promised (Reads::kStatement)");
  if (statements_left_ > 0) --statements_left_;
}

Dialect Tx::dialect() const { return session_.dialect(); }
std::string_view Tx::ForUpdate() const { return dialect() == Dialect::kPostgres ? " for update" : ""; }
std::string_view Tx::ForUpdateSkipLocked() const { return dialect() == Dialect::kPostgres ? " for update skip locked" : ""; }

void Tx::Run(std::string_view sql, const Binds& binds, const Target& target) {
  FlushFor(sql);
  CountStatement();
  const auto row = [&target](std::vector<detail::Cell>& cells) { target.append(cells, target.rows); };
  Translate([&] { session_.statements().Run(std::string(sql), ParametersOf(binds), {target.kinds, target.count}, row); });
  session_.Ran(sql);
}

void Tx::RunIn(std::string_view sql, const std::vector<std::string>& keys, const Binds& binds, const Target& target) {
  for (std::size_t at = 0; at < keys.size(); at += kInGroup) {
    const auto [text, all] = ExpandIn(sql, keys, at, binds);
    Run(text, all, target);
  }
}

void Tx::FlushFor(std::string_view sql) {
  if (std::any_of(staged_.begin(), staged_.end(), [&](const Staged& one) { return Mentions(sql, one.spec.table); })) Flush();
}

std::int64_t Tx::Exec(std::string_view sql, const Binds& binds) {
  if (read_only_) throw std::logic_error("a query writes");
  FlushFor(sql);
  ++writes_;
  lookups_->Written(sql);
  const std::int64_t affected = Translate([&] { return session_.statements().Run(std::string(sql), ParametersOf(binds), {}, {}); });
  session_.Ran(sql);
  return affected;
}

std::int64_t Tx::ExecPositional(const std::string& sql, const std::vector<const Value*>& values, std::size_t columns) {
  // A column with numbers has numbers and NULLs alone, and is bound so in every row: where its NULLs stand makes no statement of its own.
  std::vector<bool> numbers(columns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::holds_alternative<std::int64_t>(*values[i])) numbers[i % columns] = true;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::holds_alternative<std::string>(*values[i])) numbers[i % columns] = false;
  }
  std::vector<PreparedStatements::Parameter> parameters;
  parameters.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    parameters.push_back({{}, values[i], numbers[i % columns] || std::holds_alternative<std::int64_t>(*values[i])});
  }
  const std::int64_t affected = Translate([&] { return session_.statements().Run(sql, parameters, {}, {}); });
  session_.Ran(sql);
  return affected;
}

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
  std::vector<Staged> staged = std::exchange(staged_, {});
  for (Staged& one : staged) {
    // By their keys: two replicas that bring the same records wait for each other in one direction only.
    if (one.version) std::sort(one.rows.begin(), one.rows.end());
  }
  if (FlushTogether(staged)) return;
  for (const Staged& one : staged) CheckSent(one, SendRows(InsertHead(one.spec), {}, one.rows, one.suffix));
}

void Tx::CheckSent(const Staged& staged, std::int64_t sent) {
  if (staged.spec.must_be_new && sent != static_cast<std::int64_t>(staged.rows.size()))
    throw DbError(ErrorKind::kRetry, "inserted meanwhile");
}

// All tables in one statement, where the database can and no table has more rows than one statement takes:
// with w0 as (insert …), w1 as (insert …) select the number of rows of each.
bool Tx::FlushTogether(const std::vector<Staged>& staged) {
  if (dialect() != Dialect::kPostgres || staged.size() < 2) return false;
  std::set<std::string_view> tables;
  for (const Staged& one : staged) {
    // Two parts of one statement do not see each other's rows: what goes into one table in two ways goes one after the other.
    if (one.rows.size() > kRowsMax || !tables.insert(one.spec.table).second) return false;
  }
  std::string with;
  std::string counts;
  std::vector<Value> values;
  for (std::size_t i = 0; i < staged.size(); ++i) {
    const Staged& one = staged[i];
    const std::string name = "w" + std::to_string(i);
    const Arrays arrays = UnnestOf(one.rows, 0, one.rows.size(), session_.ColumnTypes(one.spec));
    with += (i == 0 ? "with " : ", ") + name + " as (" + InsertHead(one.spec) + arrays.sql + ' ' + one.suffix + " returning 1)";
    counts += (i == 0 ? "select " : ", ") + std::string("(select cast(count(*) as bigint) from ") + name + ')';
    values.insert(values.end(), arrays.values.begin(), arrays.values.end());
  }
  std::vector<PreparedStatements::Parameter> parameters;
  parameters.reserve(values.size());
  for (const Value& value : values) parameters.push_back({{}, &value});
  const std::vector<detail::ColumnKind> kinds(staged.size(), detail::ColumnKind::kInteger);
  const std::string sql = with + ' ' + counts;
  std::vector<std::int64_t> sent;
  Translate([&] {
    session_.statements().Run(sql, parameters, {kinds.data(), kinds.size()}, [&](std::vector<detail::Cell>& cells) {
      for (const detail::Cell& cell : cells) sent.push_back(cell.integer);
    });
  });
  session_.Ran(sql);
  for (std::size_t i = 0; i < staged.size(); ++i) CheckSent(staged[i], sent[i]);
  return true;
}

void Tx::WantKeys(const LookupSpec& spec, Kinds kinds, const std::vector<std::string>& keys) {
  lookups_->Want(spec, kinds.kinds, kinds.count, keys);
}

void Tx::WantLocks(std::string_view kind, const std::vector<std::string>& keys) {
  if (dialect() == Dialect::kPostgres) lookups_->WantLocks(kind, keys);
}

void Tx::HoldLocks(std::string_view kind, const std::vector<std::string>& keys) {
  WantLocks(kind, keys);
  AcquireLocks();
}

// In the order of their hashes: two transactions that hold some of the same wait for each other in one direction only.
void Tx::AcquireLocks() {
  auto& wanted = lookups_->locks_wanted();
  if (wanted.empty()) return;
  std::string array = "{";
  for (const auto& [kind, key] : wanted) {
    if (array.size() > 1) array += ',';
    AppendElement(kind + '\n' + key, &array);
  }
  Select<std::int64_t>(
      "select cast(count(pg_advisory_xact_lock(h)) as bigint) from (select distinct hashtextextended(current_schema() || k, 0) as h from "
      "unnest(cast(:keys as text[])) as k order by h offset 0) as locks",
      {{"keys", array + "}"}});
  lookups_->locks_held().merge(wanted);
  wanted.clear();
}

std::string Tx::LookupSql(const LookupSpec& spec) const {
  std::string sql(spec.sql);
  if (spec.for_update) sql += " order by " + std::string(spec.key) + std::string(ForUpdate());
  return sql;
}

void Tx::FetchWanted() {
  AcquireLocks();
  FetchAll([](const LookupSpec&) { return true; });
}

void Tx::FetchKeys(const LookupSpec& spec) {
  FetchAll([&](const LookupSpec& one) { return &one == &spec; });
}

template <class Which>
void Tx::FetchAll(Which which) {
  for (Lookups::One* one : lookups_->Wanted()) {
    if (!which(*one->spec)) continue;
    const std::vector<std::string> keys(one->wanted.begin(), one->wanted.end());
    one->wanted.clear();
    std::vector<Lookups::Cells> found;
    const auto append = [](std::vector<detail::Cell>& cells, void* rows) {
      static_cast<std::vector<Lookups::Cells>*>(rows)->push_back(cells);
    };
    RunIn(LookupSql(*one->spec), keys, {}, {one->kinds.data(), one->kinds.size(), append, &found});
    for (const std::string& key : keys) one->rows[key];
    for (Lookups::Cells& cells : found) one->rows[cells[one->spec->key_at].text].push_back(std::move(cells));
  }
}

void Tx::GetKeys(const LookupSpec& spec, const std::vector<std::string>& named, const Target& target) {
  std::vector<std::string> others;
  for (const std::string& key : Unique(named)) {
    const std::vector<Lookups::Cells>* known = lookups_->Find(spec, key);
    if (known == nullptr) {
      others.push_back(key);
      continue;
    }
    for (Lookups::Cells cells : *known) target.append(cells, target.rows);
  }
  if (spec.for_update) SortUnique(&others);
  RunIn(LookupSql(spec), others, {}, target);
}

void Tx::CompareAndSet(std::string_view sql, const Binds& binds) {
  if (Exec(sql, binds) != 1) throw DbError(ErrorKind::kRetry, "changed meanwhile");
}

void Tx::CompareAndSetRows(std::string_view head, const std::vector<std::string_view>& types, const std::vector<std::vector<Value>>& rows,
                           std::string_view tail) {
  if (ExecRows(head, types, rows, tail) != static_cast<std::int64_t>(rows.size())) throw DbError(ErrorKind::kRetry, "changed meanwhile");
}

bool Tx::InsertIfAbsent(const InsertSpec& spec, std::string_view unique, const std::vector<Value>& row) {
  return ExecRows(InsertHead(spec), {}, {row}, "on conflict (" + std::string(unique) + ") do nothing") == 1;
}

void Tx::InsertOrRetry(const InsertSpec& spec, std::string_view unique, const std::vector<Value>& row) {
  if (!InsertIfAbsent(spec, unique, row)) throw DbError(ErrorKind::kRetry, "inserted meanwhile");
}

void Tx::SortUnique(std::vector<std::string>* keys) {
  std::sort(keys->begin(), keys->end());
  keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
}

std::int64_t Tx::ExecRows(std::string_view head, const std::vector<std::string_view>& types, const std::vector<std::vector<Value>>& rows,
                          std::string_view tail) {
  if (rows.empty()) return 0;
  FlushFor(std::string(head) + ' ' + std::string(tail));
  ++writes_;
  lookups_->Written(std::string(head) + ' ' + std::string(tail));
  return SendRows(head, types, rows, tail);
}

std::int64_t Tx::SendRows(std::string_view head, const std::vector<std::string_view>& types, const std::vector<std::vector<Value>>& rows,
                          std::string_view tail) {
  const bool arrays = dialect() == Dialect::kPostgres;
  const std::size_t columns = rows.front().size();
  std::int64_t affected = 0;
  for (std::size_t at = 0, count = 0; at < rows.size(); at += count) {
    const std::size_t left = rows.size() - at;
    count = arrays ? std::min(kRowsMax, left) : PieceOf(left, kParametersMax / columns);
    std::vector<const Value*> values;
    std::string sql(head);
    Arrays unnest;
    if (arrays) {
      unnest = UnnestOf(rows, at, count, types);
      sql += unnest.sql;
      for (const Value& value : unnest.values) values.push_back(&value);
    } else {
      sql += ValuesList(columns, count, types);
      values.reserve(count * columns);
      for (std::size_t r = at; r < at + count; ++r) {
        for (const Value& value : rows[r]) values.push_back(&value);
      }
    }
    sql += ' ';
    sql += tail;
    affected += ExecPositional(sql, values, arrays ? values.size() : columns);
  }
  return affected;
}

std::vector<std::string> Tx::Unique(const std::vector<std::string>& keys) {
  std::vector<std::string> out;
  out.reserve(keys.size());
  std::unordered_set<std::string_view> seen;
  for (const std::string& key : keys) {
    if (seen.insert(key).second) out.push_back(key);
  }
  return out;
}

std::int64_t Tx::ExecIn(std::string_view sql, const std::vector<std::string>& named, const Binds& binds) {
  const std::vector<std::string> keys = Unique(named);
  std::int64_t affected = 0;
  for (std::size_t at = 0; at < keys.size(); at += kInGroup) {
    const auto [text, all] = ExpandIn(sql, keys, at, binds);
    affected += Exec(text, all);
  }
  return affected;
}

std::pair<std::string, Binds> Tx::ExpandIn(std::string_view sql, const std::vector<std::string>& keys, std::size_t at,
                                           const Binds& binds) const {
  constexpr std::string_view kMark = "in (:keys)";
  Binds all = binds;
  std::string text(sql);
  const std::size_t end = std::min(keys.size(), at + kInGroup);
  if (dialect() == Dialect::kPostgres) {
    std::string array = "{";
    for (std::size_t i = at; i < end; ++i) {
      if (i > at) array += ',';
      AppendElement(keys[i], &array);
    }
    all.emplace_back("keys", array + "}");
    text.replace(text.find(kMark), kMark.size(), "= any(cast(:keys as text[]))");
    return {std::move(text), std::move(all)};
  }
  std::string names;
  // Names must outlive the call: they are made once for the largest group.
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < kInGroup; ++i) out.push_back("k" + std::to_string(i));
    return out;
  }();
  // The last key again up to a power of two: few statements, which stay prepared.
  std::size_t count = 1;
  while (count < end - at) count *= 2;
  for (std::size_t i = 0; i < std::min(count, kInGroup); ++i) {
    const std::string& name = kNames[i];
    names += (names.empty() ? ":" : ",:") + name;
    all.emplace_back(name, keys[std::min(at + i, end - 1)]);
  }
  text.replace(text.find(kMark), kMark.size(), "in (" + names + ")");
  return {std::move(text), std::move(all)};
}

void Tx::Commit() {
  Flush();
  // An operation is worked on by whichever replica is free; events and timers by the process that wrote them (adr 0017).
  if (wakes_.Has(Concern::kOperations)) NotifyReplicas(*this, Concern::kOperations);
  session_.Commit();
  open_ = false;
}

void Tx::Rollback() noexcept {
  staged_.clear();
  wakes_ = {};
  session_.Rollback();
  open_ = false;
}

}  // namespace renxin::db
