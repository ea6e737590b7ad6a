#include "shared/db/tx.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>
#include <stdexcept>
#include <unordered_set>

#include "shared/db/listener.h"
#include "shared/db/lookups.h"
#include "shared/db/rows_text.h"
#include "shared/db/session.h"
#include "shared/db/statement.h"

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
constexpr std::string_view kLocksSql =
    "select cast(count(pg_advisory_xact_lock(h)) as bigint) from (select distinct hashtextextended(current_schema() || k, 0) as h from "
    "unnest(cast(:keys as text[])) as k order by h offset 0) as locks";

std::vector<Parameter> ParametersOf(const Binds& binds) {
  std::vector<Parameter> out;
  out.reserve(binds.size());
  for (const Bind& bind : binds) out.push_back({bind.name, &bind.value});
  return out;
}

}  // namespace

// A statement of FetchAll; `one` is null for the locks.
struct Tx::Fetch {
  Lookups::One* one;
  std::vector<Lookups::Cells> found;
  std::string sql;
  Binds binds;
};

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
  Statement statement{.sql = std::string(sql),
                      .parameters = ParametersOf(binds),
                      .columns = {target.kinds, target.count},
                      .row = [&target](std::vector<detail::Cell>& cells) { target.append(cells, target.rows); }};
  session_.Run(&statement);
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

void Tx::Writes(std::string_view sql) {
  if (read_only_) throw std::logic_error("a query writes");
  ++writes_;
  lookups_->Written(sql);
}

std::int64_t Tx::Exec(std::string_view sql, const Binds& binds) {
  FlushFor(sql);
  Writes(sql);
  Statement statement{.sql = std::string(sql), .parameters = ParametersOf(binds), .columns = {}, .row = nullptr};
  session_.Run(&statement);
  return statement.affected;
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
  std::vector<Parameter> parameters;
  parameters.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    parameters.push_back({{}, values[i], numbers[i % columns] || std::holds_alternative<std::int64_t>(*values[i])});
  }
  Statement statement{.sql = sql, .parameters = std::move(parameters), .columns = {}, .row = nullptr};
  session_.Run(&statement);
  return statement.affected;
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
std::optional<Binds> Tx::ConsumeLocks() {
  auto& wanted = lookups_->locks_wanted();
  if (wanted.empty()) return std::nullopt;
  std::string array = "{";
  for (const auto& [kind, key] : wanted) {
    if (array.size() > 1) array += ',';
    AppendElement(kind + '\n' + key, &array);
  }
  lookups_->locks_held().merge(wanted);
  wanted.clear();
  return Binds{{"keys", array + "}"}};
}

void Tx::AcquireLocks() {
  if (const std::optional<Binds> locks = ConsumeLocks()) Select<std::int64_t>(kLocksSql, *locks);
}

std::string Tx::LookupSql(const LookupSpec& spec) const {
  std::string sql(spec.sql);
  if (spec.for_update) sql += " order by " + std::string(spec.key) + std::string(ForUpdate());
  return sql;
}

// Each statement sees what was committed before it began: the locks are the first one, and what they keep from changing is read after them.
void Tx::FetchWanted() {
  FetchAll(ConsumeLocks(), [](const LookupSpec&) { return true; });
}

void Tx::FetchKeys(const LookupSpec& spec) {
  FetchAll(std::nullopt, [&](const LookupSpec& one) { return &one == &spec; });
}

template <class Which>
void Tx::FetchAll(std::optional<Binds> locks, Which which) {
  // A deque: what statements point to stays where it is.
  std::deque<Fetch> fetches;
  if (locks) fetches.push_back({nullptr, {}, std::string(kLocksSql), std::move(*locks)});
  for (Lookups::One* one : lookups_->Wanted()) {
    if (!which(*one->spec)) continue;
    const std::vector<std::string> keys(one->wanted.begin(), one->wanted.end());
    one->wanted.clear();
    const std::string sql = LookupSql(*one->spec);
    FlushFor(sql);
    for (std::size_t at = 0; at < keys.size(); at += kInGroup) {
      auto [text, binds] = ExpandIn(sql, keys, at, {});
      fetches.push_back({one, {}, std::move(text), std::move(binds)});
    }
    for (const std::string& key : keys) one->rows[key];
  }
  RunFetches(&fetches);
  for (Fetch& fetch : fetches) {
    if (fetch.one == nullptr) continue;
    for (Lookups::Cells& cells : fetch.found) fetch.one->rows[cells[fetch.one->spec->key_at].text].push_back(std::move(cells));
  }
}

void Tx::RunFetches(std::deque<Fetch>* fetches) {
  constexpr detail::ColumnKind kCount[] = {detail::ColumnKind::kInteger};
  std::vector<Statement> statements;
  for (Fetch& fetch : *fetches) {
    CountStatement();
    const Columns columns = fetch.one == nullptr ? Columns{kCount, 1} : Columns{fetch.one->kinds.data(), fetch.one->kinds.size()};
    statements.push_back({.sql = std::move(fetch.sql),
                          .parameters = ParametersOf(fetch.binds),
                          .columns = columns,
                          .row = [&fetch](std::vector<detail::Cell>& cells) { fetch.found.push_back(cells); }});
  }
  if (!statements.empty()) session_.Run(&statements);
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
    count = arrays ? std::min(kArrayRowsMax, left) : PieceOf(left, kParametersMax / columns);
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

void Tx::Nested(const std::function<void()>& run) {
  Flush();
  Exec("savepoint nested");
  try {
    run();
    Flush();
    Exec("release savepoint nested");
  } catch (...) {
    staged_.clear();
    lookups_->Forget();
    Exec("rollback to savepoint nested");
    Exec("release savepoint nested");
    throw;
  }
}

void Tx::Commit() {
  // An operation is worked on by whichever replica is free; events and timers by the process that wrote them (adr 0017).
  if (wakes_.Has(Concern::kOperations)) NotifyReplicas(*this, Concern::kOperations);
  if (!FlushAndCommit()) {
    Flush();
    session_.Commit();
  }
  open_ = false;
}

void Tx::Rollback() noexcept {
  staged_.clear();
  wakes_ = {};
  session_.Rollback();
  open_ = false;
}

}  // namespace renxin::db
