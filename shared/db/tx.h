#pragma once
// One transaction, and the only way to SQL. A handler sees a Tx, never a connection, and cannot know
// with whom it shares the commit. SOCI stays inside tx.cc.

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "shared/db/error.h"

namespace renxin::db {

enum class Dialect : std::uint8_t { kSqlite, kPostgres };

using Value = std::variant<std::monostate, std::int64_t, std::string>;

// A bound value, copied: SOCI keeps pointers to what it binds, so a temporary must not reach it.
struct Bind {
  Bind(std::string_view n, std::string_view v) : name(n), value(std::string(v)) {}
  Bind(std::string_view n, const std::string& v) : name(n), value(v) {}
  Bind(std::string_view n, const char* v) : name(n), value(std::string(v)) {}
  Bind(std::string_view n, Value v) : name(n), value(std::move(v)) {}
  template <class Int>
  requires(std::is_integral_v<Int>) Bind(std::string_view n, Int v) : name(n), value(static_cast<std::int64_t>(v)) {}

  std::string_view name;
  Value value;
};
using Binds = std::vector<Bind>;

template <class T>
Value NullableValue(const std::optional<T>& v) {
  return v ? Value(*v) : Value();
}
// Empty text is stored as NULL.
inline Value TextOrNull(std::string_view text) { return text.empty() ? Value() : Value(std::string(text)); }

// An insert whose rows are collected and sent many at a time. One constant per table and purpose.
struct InsertSpec {
  std::string_view table;
  std::vector<std::string_view> columns;
  // `on conflict …`; with do update, a later row for the same key replaces the earlier staged one.
  std::string_view suffix = "";
  // How many of the first columns are the key of that replacement; 0 = never replace.
  std::size_t key_columns = 0;
};

namespace detail {
enum class ColumnKind : std::uint8_t { kText, kInteger };
struct Cell {
  bool null = false;
  long long integer = 0;
  std::string text;
};
template <class T>
struct Column;
template <>
struct Column<std::string> {
  static constexpr ColumnKind kKind = ColumnKind::kText;
  static std::string Take(Cell& cell) { return cell.null ? std::string() : std::move(cell.text); }
};
template <>
struct Column<std::int64_t> {
  static constexpr ColumnKind kKind = ColumnKind::kInteger;
  static std::int64_t Take(Cell& cell) { return cell.null ? 0 : cell.integer; }
};
template <class T>
struct Column<std::optional<T>> {
  static constexpr ColumnKind kKind = Column<T>::kKind;
  static std::optional<T> Take(Cell& cell) {
    if (cell.null) return std::nullopt;
    return Column<T>::Take(cell);
  }
};
}  // namespace detail

class Session;

class Tx {
 public:
  Tx(Session& session, bool read_only, bool snapshot = false);
  ~Tx();
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  // Runs one statement with named values (`:id`); returns the affected rows.
  std::int64_t Exec(std::string_view sql, const Binds& binds = {});

  // Rows as tuples; columns are std::string, std::int64_t or std::optional of them. NULL reads as
  // empty or zero where the column is not optional. The statement has a LIMIT or a bounded key.
  template <class... T>
  std::vector<std::tuple<T...>> Select(std::string_view sql, const Binds& binds = {}) {
    std::vector<std::tuple<T...>> rows;
    constexpr std::array<detail::ColumnKind, sizeof...(T)> kKinds = {detail::Column<T>::kKind...};
    Run(sql, binds, kKinds.data(), kKinds.size(),
        [&rows](std::vector<detail::Cell>& cells) { rows.push_back(Convert<T...>(cells, std::index_sequence_for<T...>{})); });
    return rows;
  }
  template <class... T>
  std::optional<std::tuple<T...>> First(std::string_view sql, const Binds& binds = {}) {
    auto rows = Select<T...>(sql, binds);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }

  // Collects a row; sent before the next Select or Exec and before the commit.
  void Stage(const InsertSpec& spec, std::vector<Value> row);
  void Flush();

  // Runs `head ROWS tail` in statements of bounded size, ROWS being `values (…),(…)` or a select with the same columns
  // column1, column2, …; returns the affected rows. `types` (`bigint`, `text`) where ROWS is not what is inserted.
  std::int64_t ExecRows(std::string_view head, const std::vector<std::string_view>& types, const std::vector<std::vector<Value>>& rows,
                        std::string_view tail);

  // Same as Select with `sql` holding one `in (:keys)` over a text column; keys are sent in bounded groups.
  template <class... T>
  std::vector<std::tuple<T...>> SelectIn(std::string_view sql, const std::vector<std::string>& keys, const Binds& binds = {}) {
    std::vector<std::tuple<T...>> rows;
    for (std::size_t at = 0; at < keys.size(); at += kInGroup) {
      const auto [text, all] = ExpandIn(sql, keys, at, binds);
      auto part = Select<T...>(text, all);
      rows.insert(rows.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    }
    return rows;
  }

  // Exec over the same; returns the affected rows.
  std::int64_t ExecIn(std::string_view sql, const std::vector<std::string>& keys, const Binds& binds = {});

  Dialect dialect() const;
  // Every statement of it reads one and the same state of the database.
  bool snapshot() const { return snapshot_ || read_only_ || dialect() == Dialect::kSqlite; }
  // ` for update` where the database locks rows; SQLite has one writer anyway.
  std::string_view ForUpdate() const;
  std::string_view ForUpdateSkipLocked() const;

  // Statements and staged rows so far: tells whether a refused command has written.
  std::int64_t writes() const { return writes_; }

  // Called by the owner of the session only.
  void Commit();
  void Rollback() noexcept;

  static constexpr std::size_t kInGroup = 256;

 private:
  struct Staged {
    const InsertSpec* spec;
    std::vector<std::vector<Value>> rows;
    std::unordered_map<std::string, std::size_t> by_key;  // where the row of a key stands, for specs with a key
  };
  template <class... T, std::size_t... I>
  static std::tuple<T...> Convert(std::vector<detail::Cell>& cells, std::index_sequence<I...> /*unused*/) {
    return {detail::Column<T>::Take(cells[I])...};
  }
  void Run(std::string_view sql, const Binds& binds, const detail::ColumnKind* kinds, std::size_t count,
           const std::function<void(std::vector<detail::Cell>&)>& row);
  std::pair<std::string, Binds> ExpandIn(std::string_view sql, const std::vector<std::string>& keys, std::size_t at,
                                         const Binds& binds) const;
  std::int64_t ExecPositional(const std::string& sql, const std::vector<const Value*>& values);

  Session& session_;
  bool open_ = false;
  bool read_only_;
  bool snapshot_;
  std::int64_t writes_ = 0;
  std::vector<Staged> staged_;
};

}  // namespace renxin::db
