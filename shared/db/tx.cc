#include "shared/db/tx.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include "shared/db/session.h"
#include "shared/db/statements.h"
#include "shared/db/translate.h"

namespace renxin::db {
namespace {

// SQLite takes 32,766 parameters; SOCI's own work per statement grows with them.
constexpr std::size_t kParametersMax = 800;
// PostgreSQL is given a column as one array: the statement stays short however many rows it has.
constexpr std::size_t kRowsMax = 256;

std::vector<PreparedStatements::Parameter> ParametersOf(const Binds& binds) {
  std::vector<PreparedStatements::Parameter> out;
  out.reserve(binds.size());
  for (const Bind& bind : binds) out.push_back({bind.name, &bind.value});
  return out;
}

// `values (?,?),(?,?)`. SQLite compares every named parameter with all before it (two fifths of an import's time):
// these have no names.
std::string ValuesList(std::size_t columns, std::size_t rows, const std::vector<std::string_view>& types) {
  std::string out = " values ";
  out.reserve(rows * columns * 2 + 64);
  for (std::size_t r = 0; r < rows; ++r) {
    out += r == 0 ? "(" : ",(";
    for (std::size_t c = 0; c < columns; ++c) {
      if (c > 0) out += ',';
      out += r == 0 && !types.empty() ? "cast(? as " + std::string(types[c]) + ")" : "?";
    }
    out += ')';
  }
  return out;
}

// One element of PostgreSQL's text form of an array.
void AppendElement(const Value& value, std::string* out) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    *out += std::to_string(*number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    *out += '"';
    for (const char c : *text) {
      if (c == '"' || c == '\\') *out += '\\';
      *out += c;
    }
    *out += '"';
  } else {
    *out += "null";
  }
}

struct Arrays {
  std::string sql;
  std::vector<Value> values;  // one per column that is not NULL throughout
};

// `select column1, …, columnN from unnest(…)` over rows [at, at + count). A column that has only NULLs and no type
// stays a bare NULL, which takes whatever type its target has.
Arrays UnnestOf(const std::vector<std::vector<Value>>& rows, std::size_t at, std::size_t count,
                const std::vector<std::string_view>& types) {
  const std::size_t columns = rows[at].size();
  Arrays out;
  std::string select;
  std::string from;
  std::string names;
  for (std::size_t c = 0; c < columns; ++c) {
    const std::string name = "column" + std::to_string(c + 1);
    std::string type = types.empty() ? std::string() : std::string(types[c]);
    std::string array = "{";
    for (std::size_t r = at; r < at + count; ++r) {
      const Value& value = rows[r][c];
      if (r > at) array += ',';
      AppendElement(value, &array);
      if (type.empty() && !std::holds_alternative<std::monostate>(value)) {
        type = std::holds_alternative<std::int64_t>(value) ? "bigint" : "text";
      }
    }
    select += (c == 0 ? "" : ", ") + (type.empty() ? "null" : name);
    if (type.empty()) continue;
    from += (from.empty() ? "cast(:c" : ", cast(:c") + std::to_string(c) + " as " + type + "[])";
    names += (names.empty() ? "" : ", ") + name;
    out.values.emplace_back(array + "}");
  }
  out.sql = " select " + select + " from unnest(" + from + ") as u(" + names + ")";
  return out;
}

// Each part with its length: no two keys look alike.
std::string KeyOf(const std::vector<Value>& row, std::size_t columns) {
  std::string key;
  for (std::size_t i = 0; i < columns; ++i) {
    std::string part;
    if (!std::holds_alternative<std::monostate>(row[i])) AppendElement(row[i], &part);
    key += std::to_string(part.size()) + ':' + part;
  }
  return key;
}

std::string InsertHead(const InsertSpec& spec) {
  std::string head = "insert into " + std::string(spec.table) + " (";
  for (std::size_t i = 0; i < spec.columns.size(); ++i) {
    if (i > 0) head += ", ";
    head += spec.columns[i];
  }
  return head + ')';
}

std::string HighestVersionStands(const InsertSpec& spec, std::string_view version_column) {
  std::string suffix = "on conflict (";
  for (std::size_t i = 0; i < spec.key_columns; ++i) suffix += (i == 0 ? "" : ", ") + std::string(spec.columns[i]);
  suffix += ") do update set ";
  for (std::size_t i = spec.key_columns; i < spec.columns.size(); ++i) {
    const std::string column(spec.columns[i]);
    suffix += (i == spec.key_columns ? "" : ", ") + column + " = excluded." + column;
  }
  const std::string version(version_column);
  return suffix + " where excluded." + version + " > " + std::string(spec.table) + "." + version;
}

}  // namespace

Tx::Tx(Session& session, bool read_only) : session_(session), read_only_(read_only) {
  session_.Begin(read_only);
  open_ = true;
}

Tx::~Tx() {
  if (open_) Rollback();
}

Dialect Tx::dialect() const { return session_.dialect(); }
std::string_view Tx::ForUpdate() const { return dialect() == Dialect::kPostgres ? " for update" : ""; }
std::string_view Tx::ForUpdateSkipLocked() const { return dialect() == Dialect::kPostgres ? " for update skip locked" : ""; }

void Tx::Run(std::string_view sql, const Binds& binds, const Target& target) {
  Flush();
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

std::int64_t Tx::Exec(std::string_view sql, const Binds& binds) {
  Flush();
  ++writes_;
  const std::int64_t affected = Translate([&] { return session_.statements().Run(std::string(sql), ParametersOf(binds), {}, {}); });
  session_.Ran(sql);
  return affected;
}

std::int64_t Tx::ExecPositional(const std::string& sql, const std::vector<const Value*>& values) {
  std::vector<PreparedStatements::Parameter> parameters;
  parameters.reserve(values.size());
  for (const Value* value : values) parameters.push_back({{}, value});
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
  if (version_column.empty()) return added;
  const auto at = std::find(spec.columns.begin(), spec.columns.end(), version_column);
  if (at == spec.columns.end()) throw std::logic_error("no version column in " + std::string(spec.table));
  added.version = static_cast<std::size_t>(at - spec.columns.begin());
  added.suffix = HighestVersionStands(spec, version_column);
  return added;
}

void Tx::Stage(const InsertSpec& spec, std::vector<Value> row) {
  ++writes_;
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
  Staged& staged =
      StagedFor({.table = spec.table, .columns = spec.columns, .suffix = "", .key_columns = spec.key_columns}, spec.version_column);
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
    const std::int64_t sent = SendRows(InsertHead(one.spec), {}, one.rows, one.suffix);
    if (one.spec.must_be_new && sent != static_cast<std::int64_t>(one.rows.size())) throw DbError(ErrorKind::kRetry, "inserted meanwhile");
  }
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
  Flush();
  ++writes_;
  return SendRows(head, types, rows, tail);
}

std::int64_t Tx::SendRows(std::string_view head, const std::vector<std::string_view>& types, const std::vector<std::vector<Value>>& rows,
                          std::string_view tail) {
  const bool arrays = dialect() == Dialect::kPostgres;
  const std::size_t columns = rows.front().size();
  const std::size_t group = arrays ? kRowsMax : std::max<std::size_t>(1, kParametersMax / columns);
  std::int64_t affected = 0;
  for (std::size_t at = 0; at < rows.size(); at += group) {
    const std::size_t count = std::min(group, rows.size() - at);
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
    affected += ExecPositional(sql, values);
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
  for (std::size_t i = at; i < end; ++i) {
    const std::string& name = kNames[i - at];
    names += (names.empty() ? ":" : ",:") + name;
    all.emplace_back(name, keys[i]);
  }
  text.replace(text.find(kMark), kMark.size(), "in (" + names + ")");
  return {std::move(text), std::move(all)};
}

void Tx::Commit() {
  Flush();
  session_.Commit();
  open_ = false;
}

void Tx::Rollback() noexcept {
  staged_.clear();
  session_.Rollback();
  open_ = false;
}

}  // namespace renxin::db
