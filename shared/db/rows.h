#pragma once
// The columns of a table and the members of a struct that they fill, each named once: the select list is made of it and rows are read by
// it, so that neither can be in another order than the other.
//
//   const db::Rows<Visit> kVisits("visits", {{"id", &Visit::id}, {"outpatient", &Visit::outpatient}, {"arrived_at", &Visit::arrived_at}});
//   std::vector<Visit> today = kVisits.Select(tx, "where arrived_at >= :from order by arrived_at limit 50", {{"from", from}});
//
// A member is text, an integer, bool, an enum (smallint), Instant (microseconds), Day or Month (text), or std::optional of one; NULL is an
// empty optional, and otherwise what an empty or zero column is. What is sealed or a message is read as text into a struct that
// derives from the one that is wanted, and opened there. A member of a member is named by both: `{"plan", &Staff::first, &Period::plan}`.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "shared/core/time.h"
#include "shared/db/stored.h"
#include "shared/db/tx.h"

namespace renxin::db {

namespace detail {

// How a member is read from a cell that is not NULL; false: it cannot be.
template <class T>
struct Member {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>, "no column is read into this type");
  static constexpr ColumnKind kKind = ColumnKind::kInteger;
  static bool Read(Cell& cell, T* member) {
    if constexpr (std::is_same_v<T, bool>) {
      *member = cell.integer != 0;
    } else {
      *member = static_cast<T>(cell.integer);
    }
    return true;
  }
};
template <>
struct Member<std::string> {
  static constexpr ColumnKind kKind = ColumnKind::kText;
  static bool Read(Cell& cell, std::string* member) {
    *member = std::move(cell.text);
    return true;
  }
};
template <>
struct Member<Instant> {
  static constexpr ColumnKind kKind = ColumnKind::kInteger;
  static bool Read(Cell& cell, Instant* member) {
    member->micros = cell.integer;
    return true;
  }
};
template <>
struct Member<Day> {
  static constexpr ColumnKind kKind = ColumnKind::kText;
  static bool Read(Cell& cell, Day* member) {
    const auto day = ParseDay(cell.text);
    if (day) *member = *day;
    return static_cast<bool>(day);
  }
};
template <>
struct Member<Month> {
  static constexpr ColumnKind kKind = ColumnKind::kText;
  static bool Read(Cell& cell, Month* member) {
    const auto month = ParseMonth(cell.text);
    if (month) *member = *month;
    return static_cast<bool>(month);
  }
};
template <class T>
struct Member<std::optional<T>> {
  static constexpr ColumnKind kKind = Member<T>::kKind;
  static bool Read(Cell& cell, std::optional<T>* member) { return Member<T>::Read(cell, &member->emplace()); }
};

}  // namespace detail

template <class Row>
class Rows {
 public:
  // A column and what it fills: a pointer to a member, or to a member and to one of its own.
  class Column {
   public:
    template <class Base, class T>
    Column(std::string_view name, T Base::*member)
        : Column(
              name, [member](Row& row) -> T& { return row.*member; }, Tag<T>()) {}
    template <class Base, class Outer, class Inner, class T>
    Column(std::string_view name, Outer Base::*outer, T Inner::*inner)
        : Column(
              name, [outer, inner](Row& row) -> T& { return row.*outer.*inner; }, Tag<T>()) {}

   private:
    friend class Rows;
    template <class T>
    struct Tag {};
    template <class Access, class T>
    Column(std::string_view name, Access access, Tag<T> /*type*/) : name_(name), kind_(detail::Member<T>::kKind) {
      read_ = [access](detail::Cell& cell, Row& row) { return cell.null || detail::Member<T>::Read(cell, &access(row)); };
    }

    std::string_view name_;
    detail::ColumnKind kind_;
    std::function<bool(detail::Cell&, Row&)> read_;
  };

  // The first column is the key, by which a row that cannot be read is reported: it is left out. `from` may be a join.
  Rows(std::string_view from, std::vector<Column> columns) : from_(from), columns_(std::move(columns)) {
    for (const Column& column : columns_) {
      list_ += (list_.empty() ? "" : ", ") + std::string(column.name_);
      kinds_.push_back(column.kind_);
    }
  }

  // `rest` is what follows the table: where, order and limit. The statement has a LIMIT or a bounded key.
  std::vector<Row> Select(Tx& tx, std::string_view rest, const Binds& binds = {}) const {
    std::vector<Row> rows;
    Sink sink{this, &rows};
    tx.Run(Sql(rest), binds, {kinds_.data(), kinds_.size(), &Append, &sink});
    return rows;
  }
  std::optional<Row> First(Tx& tx, std::string_view rest, const Binds& binds = {}) const {
    std::vector<Row> rows = Select(tx, rest, binds);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }
  // `rest` has one `in (:keys)` over a text column (tx.h).
  std::vector<Row> SelectIn(Tx& tx, std::string_view rest, const std::vector<std::string>& keys, const Binds& binds = {}) const {
    std::vector<Row> rows;
    Sink sink{this, &rows};
    tx.RunIn(Sql(rest), Tx::Unique(keys), binds, {kinds_.data(), kinds_.size(), &Append, &sink});
    return rows;
  }
  // Holds the rows until the commit, in the order of `key` (tx.h).
  std::vector<Row> LoadForUpdate(Tx& tx, std::string_view rest, std::string_view key, std::vector<std::string> keys,
                                 const Binds& binds = {}) const {
    Tx::SortUnique(&keys);
    return SelectIn(tx, std::string(rest) + " order by " + std::string(key) + std::string(tx.ForUpdate()), keys, binds);
  }

 private:
  struct Sink {
    const Rows* map;
    std::vector<Row>* rows;
  };
  std::string Sql(std::string_view rest) const { return "select " + list_ + " from " + from_ + " " + std::string(rest); }
  static void Append(std::vector<detail::Cell>& cells, void* to) {
    const auto* sink = static_cast<Sink*>(to);
    const std::vector<Column>& columns = sink->map->columns_;
    const std::string id = columns.front().kind_ == detail::ColumnKind::kText ? cells.front().text : std::to_string(cells.front().integer);
    Row row{};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].read_(cells[i], row)) continue;
      ReportUnreadable(sink->map->from_.substr(0, sink->map->from_.find(' ')), id);
      return;
    }
    sink->rows->push_back(std::move(row));
  }

  std::string from_;
  std::vector<Column> columns_;
  std::string list_;
  std::vector<detail::ColumnKind> kinds_;
};

}  // namespace renxin::db
