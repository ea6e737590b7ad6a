#pragma once
// One transaction, and the only way to SQL. A handler sees a Tx, never a connection, and cannot know
// with whom it shares the commit. SOCI stays inside tx.cc.

#include <array>
#include <cstdint>
#include <deque>
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
#include "shared/db/wake.h"

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

// An insert whose rows are collected and sent many at a time. The texts are constants: they are not copied.
struct InsertSpec {
  std::string_view table;
  std::vector<std::string_view> columns;
  // `on conflict …`; with do update, a later row for the same key replaces the earlier staged one.
  std::string_view suffix = "";
  // How many of the first columns are the key of that replacement; 0 = never replace.
  std::size_t key_columns = 0;
  // With `on conflict (…) do nothing`: every row must be new. Where one is there already, which somebody else has inserted
  // since it was looked for, sending throws DbError{kRetry}, and the command runs again and finds it.
  bool must_be_new = false;
};

// A row of a projection: of all versions of a record that arrive, in whatever order and in however many transactions, the
// highest stands; of two with the same version the first.
struct UpsertSpec {
  std::string_view table;
  std::vector<std::string_view> columns;  // the key first
  std::size_t key_columns = 1;
  std::string_view version_column = "version";  // one of `columns`, bigint
};

// A query by a key that commands declare before they run (lookup.h).
struct LookupSpec {
  std::string_view sql;     // select … from … where KEY in (:keys) …, over a text column; without `for update`
  std::string_view table;   // the one that is read
  std::string_view key;     // its column KEY
  std::size_t key_at = 0;   // where KEY stands among the selected columns
  bool for_update = false;  // holds the rows until the commit, in the order of KEY
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
  static std::string Read(Cell& cell) { return cell.null ? std::string() : std::move(cell.text); }
};
template <>
struct Column<std::int64_t> {
  static constexpr ColumnKind kKind = ColumnKind::kInteger;
  static std::int64_t Read(Cell& cell) { return cell.null ? 0 : cell.integer; }
};
template <class T>
struct Column<std::optional<T>> {
  static constexpr ColumnKind kKind = Column<T>::kKind;
  static std::optional<T> Read(Cell& cell) {
    if (cell.null) return std::nullopt;
    return Column<T>::Read(cell);
  }
};
}  // namespace detail

// What a read-only transaction reads: kSnapshot, what was committed before its first statement; kStatement, for what is one statement,
// which is consistent by itself: none is begun for it.
enum class Reads : std::uint8_t { kSnapshot, kStatement };

class Session;
class Lookups;

class Tx {
 public:
  Tx(Session& session, bool read_only, Reads reads = Reads::kSnapshot);
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
    Run(sql, binds, {kKinds.data(), kKinds.size(), &Append<T...>, &rows});
    return rows;
  }
  // The same of a statement that writes.
  template <class... T>
  std::vector<std::tuple<T...>> ExecReturning(std::string_view sql, const Binds& binds = {}) {
    Writes(sql);
    return Select<T...>(sql, binds);
  }
  template <class... T>
  std::optional<std::tuple<T...>> First(std::string_view sql, const Binds& binds = {}) {
    auto rows = Select<T...>(sql, binds);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }

  // Collects a row; all that is collected is sent before the next statement that names one of its tables, and before the commit. Rows of
  // one spec are sent in the order they were staged in.
  void Stage(const InsertSpec& spec, std::vector<Value> row);
  // The same for a row of a projection: the highest version stands (see UpsertSpec).
  void Upsert(const UpsertSpec& spec, std::vector<Value> row);
  // The same at once: whether this version stands now, and no higher one did before.
  bool UpsertNow(const UpsertSpec& spec, const std::vector<Value>& row);
  void Flush();

  // What a command does to a row that others may change concurrently is one of these three, never a read and then a blind write.
  //
  // 1. It holds the rows before it reads them, until the commit, in the order of their keys: two that hold some of the same
  //    rows wait for each other in one direction only. `select` has one `where … in (:keys)` over the unique text column `key`.
  template <class... T>
  std::vector<std::tuple<T...>> LoadForUpdate(std::string_view select, std::string_view key, std::vector<std::string> keys,
                                              const Binds& binds = {}) {
    SortUnique(&keys);
    return SelectIn<T...>(std::string(select) + " order by " + std::string(key) + std::string(ForUpdate()), keys, binds);
  }
  // 2. It writes only where the row is still as it was read: the update's `where` names the version or the state. No row
  //    affected: throws DbError{kRetry}, and the command runs again on what is there now.
  void CompareAndSet(std::string_view sql, const Binds& binds);
  //    The same for many rows at once (see ExecRows).
  void CompareAndSetRows(std::string_view head, const std::vector<std::string_view>& types, const std::vector<std::vector<Value>>& rows,
                         std::string_view tail);
  // 3. It inserts what must be there once. `unique` are the columns of the unique index that somebody else may have filled
  //    meanwhile: then false, and nothing is written.
  bool InsertIfAbsent(const InsertSpec& spec, std::string_view unique, const std::vector<Value>& row);
  //    The same, throwing DbError{kRetry} instead: the command runs again and finds the other's row.
  void InsertOrRetry(const InsertSpec& spec, std::string_view unique, const std::vector<Value>& row);

  // Runs `head ROWS tail` in statements of bounded size, ROWS being `values (…),(…)` or a select with the same columns
  // column1, column2, …; returns the affected rows. What is staged is sent before. `types` (`bigint`, `text`) where ROWS is not what is
  // inserted.
  std::int64_t ExecRows(std::string_view head, const std::vector<std::string_view>& types, const std::vector<std::vector<Value>>& rows,
                        std::string_view tail);

  // Same as Select with `sql` holding one `in (:keys)` over a text column; keys are sent in bounded groups. A key that is
  // named twice counts once.
  template <class... T>
  std::vector<std::tuple<T...>> SelectIn(std::string_view sql, const std::vector<std::string>& named, const Binds& binds = {}) {
    std::vector<std::tuple<T...>> rows;
    const std::vector<std::string> keys = Unique(named);
    constexpr std::array<detail::ColumnKind, sizeof...(T)> kKinds = {detail::Column<T>::kKind...};
    RunIn(sql, keys, binds, {kKinds.data(), kKinds.size(), &Append<T...>, &rows});
    return rows;
  }

  // What lookups declare (lookup.h) and locks (platform_tables.h, HoldKeys) that will be taken: fetched by FetchWanted for all commands of
  // the transaction at once, the locks first, in one order.
  void WantLocks(std::string_view kind, const std::vector<std::string>& keys);
  void FetchWanted();
  // Holds (kind, key) until the commit, against everybody who holds it likewise. Nothing on SQLite, which has one writer anyway.
  void HoldLocks(std::string_view kind, const std::vector<std::string>& keys);

  // Exec over the same; returns the affected rows.
  std::int64_t ExecIn(std::string_view sql, const std::vector<std::string>& keys, const Binds& binds = {});

  Dialect dialect() const;
  bool read_only() const { return read_only_; }
  // ` for update` where the database locks rows; SQLite has one writer anyway.
  std::string_view ForUpdate() const;
  std::string_view ForUpdateSkipLocked() const;

  // Statements and staged rows so far: tells whether a refused command has written.
  std::int64_t writes() const { return writes_; }

  // There is work for these once it is committed: the lane wakes them. What is staged into outbox and timers says so by itself. For
  // operations the other replicas are notified as well (listener.h).
  void Wake(Concerns concerns) { wakes_.Add(concerns); }
  Concerns wakes() const { return wakes_; }

  // From here on one statement is run, where the transaction is for that; a second one throws std::logic_error.
  void ExpectOneStatement();

  // Runs it so that what it writes stands or falls by itself: where it throws, that is taken back, the exception is thrown on, and the
  // transaction can go on.
  void Nested(const std::function<void()>& run);

  // Called by the owner of the session only.
  void Commit();
  void Rollback() noexcept;

  static constexpr std::size_t kInGroup = 256;

 private:
  template <class Row>
  friend class Rows;  // rows.h
  template <class... T>
  friend class Lookup;  // lookup.h
  struct Staged {
    InsertSpec spec;                     // a copy: a caller's spec may be a temporary
    std::optional<std::size_t> version;  // the column whose highest value stands, for a projection
    std::string suffix;
    std::vector<std::vector<Value>> rows;
    std::unordered_map<std::string, std::size_t> by_key;  // where the row of a key stands, for specs with a key
  };
  static void CheckSent(const Staged& staged, std::int64_t sent);
  Staged& StagedFor(const InsertSpec& spec, std::string_view version_column);
  std::int64_t SendRows(std::string_view head, const std::vector<std::string_view>& types, const std::vector<std::vector<Value>>& rows,
                        std::string_view tail);
  static void SortUnique(std::vector<std::string>* keys);
  // In the order of their first mention.
  static std::vector<std::string> Unique(const std::vector<std::string>& keys);
  template <class... T, std::size_t... I>
  static std::tuple<T...> Convert(std::vector<detail::Cell>& cells, std::index_sequence<I...> /*unused*/) {
    return {detail::Column<T>::Read(cells[I])...};
  }
  // Where the rows of a query go: `append` knows what `rows` points to. Every query of other columns is compiled again, so as little as
  // possible depends on their types.
  struct Target {
    const detail::ColumnKind* kinds;
    std::size_t count;
    void (*append)(std::vector<detail::Cell>& cells, void* rows);
    void* rows;
  };
  template <class... T>
  static void Append(std::vector<detail::Cell>& cells, void* rows) {
    static_cast<std::vector<std::tuple<T...>>*>(rows)->push_back(Convert<T...>(cells, std::index_sequence_for<T...>{}));
  }
  struct Kinds {
    const detail::ColumnKind* kinds;
    std::size_t count;
  };
  void WantKeys(const LookupSpec& spec, Kinds kinds, const std::vector<std::string>& keys);
  void FetchKeys(const LookupSpec& spec);
  struct Fetch;
  template <class Which>
  void FetchAll(std::optional<Binds> locks, Which which);
  void GetKeys(const LookupSpec& spec, const std::vector<std::string>& keys, const Target& target);
  std::string LookupSql(const LookupSpec& spec) const;
  void AcquireLocks();
  std::optional<Binds> ConsumeLocks();
  void RunFetches(std::deque<Fetch>* fetches);
  void CountStatement();
  // Sends what is staged where `sql` reads or writes one of its tables.
  void FlushFor(std::string_view sql);
  void Writes(std::string_view sql);
  // Who sees to it that what must be new is: CheckSent, or the statement itself.
  enum class Checks : std::uint8_t { kCounted, kRefused };
  struct Together;
  std::optional<Together> FlushTogether(const std::vector<Staged>& staged, Checks checks);
  std::vector<Staged> ConsumeStaged();
  bool FlushAndCommit();
  void Run(std::string_view sql, const Binds& binds, const Target& target);
  void RunIn(std::string_view sql, const std::vector<std::string>& keys, const Binds& binds, const Target& target);
  std::pair<std::string, Binds> ExpandIn(std::string_view sql, const std::vector<std::string>& keys, std::size_t at,
                                         const Binds& binds) const;
  // `values` row by row, each of `columns`.
  std::int64_t ExecPositional(const std::string& sql, const std::vector<const Value*>& values, std::size_t columns);

  Session& session_;
  bool open_ = false;
  bool read_only_;
  Reads reads_;
  int statements_left_ = -1;  // how many more may run; below zero: any number
  std::int64_t writes_ = 0;
  Concerns wakes_;
  std::vector<Staged> staged_;
  std::unique_ptr<Lookups> lookups_;
};

}  // namespace renxin::db
