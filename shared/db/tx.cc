#include "shared/db/tx.h"

#include <algorithm>

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

}  // namespace

Tx::Tx(Session& session, bool read_only, bool snapshot) : session_(session), read_only_(read_only), snapshot_(snapshot) {
  session_.Begin(read_only, snapshot);
  open_ = true;
}

Tx::~Tx() {
  if (open_) Rollback();
}

Dialect Tx::dialect() const { return session_.dialect(); }
std::string_view Tx::ForUpdate() const { return dialect() == Dialect::kPostgres ? " for update" : ""; }
std::string_view Tx::ForUpdateSkipLocked() const { return dialect() == Dialect::kPostgres ? " for update skip locked" : ""; }

void Tx::Run(std::string_view sql, const Binds& binds, const detail::ColumnKind* kinds, std::size_t count,
             const std::function<void(std::vector<detail::Cell>&)>& row) {
  Flush();
  Translate([&] { session_.statements().Run(std::string(sql), ParametersOf(binds), {kinds, count}, row); });
}

std::int64_t Tx::Exec(std::string_view sql, const Binds& binds) {
  Flush();
  ++writes_;
  return Translate([&] { return session_.statements().Run(std::string(sql), ParametersOf(binds), {}, {}); });
}

std::int64_t Tx::ExecPositional(const std::string& sql, const std::vector<const Value*>& values) {
  std::vector<PreparedStatements::Parameter> parameters;
  parameters.reserve(values.size());
  for (const Value* value : values) parameters.push_back({{}, value});
  return Translate([&] { return session_.statements().Run(sql, parameters, {}, {}); });
}

void Tx::Stage(const InsertSpec& spec, std::vector<Value> row) {
  ++writes_;
  auto found = std::find_if(staged_.begin(), staged_.end(), [&](const Staged& s) { return s.spec == &spec; });
  if (found == staged_.end()) found = staged_.insert(staged_.end(), Staged{&spec, {}, {}});
  if (spec.key_columns > 0) {
    // One statement cannot touch a row twice (PostgreSQL refuses it): the later row wins.
    const auto [at, added] = found->by_key.emplace(KeyOf(row, spec.key_columns), found->rows.size());
    if (!added) {
      found->rows[at->second] = std::move(row);
      return;
    }
  }
  found->rows.push_back(std::move(row));
}

void Tx::Flush() {
  if (staged_.empty()) return;
  const std::vector<Staged> staged = std::exchange(staged_, {});
  for (const Staged& one : staged) {
    std::string head = "insert into " + std::string(one.spec->table) + " (";
    for (std::size_t i = 0; i < one.spec->columns.size(); ++i) {
      if (i > 0) head += ", ";
      head += one.spec->columns[i];
    }
    head += ')';
    ExecRows(head, {}, one.rows, one.spec->suffix);
  }
}

std::int64_t Tx::ExecRows(std::string_view head, const std::vector<std::string_view>& types, const std::vector<std::vector<Value>>& rows,
                          std::string_view tail) {
  if (rows.empty()) return 0;
  ++writes_;
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

std::int64_t Tx::ExecIn(std::string_view sql, const std::vector<std::string>& keys, const Binds& binds) {
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
