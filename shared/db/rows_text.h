#pragma once
// How many rows are written into one statement, in each database's way. Pure text; used by tx.cc alone.

#include <string>
#include <string_view>
#include <vector>

#include "shared/db/tx.h"

namespace renxin::db {

// ` values (?,?),(?,?)`. SQLite compares every named parameter with all before it (two fifths of an import's time): these have no names.
std::string ValuesList(std::size_t columns, std::size_t rows, const std::vector<std::string_view>& types);

// PostgreSQL is given a column as one array: the statement stays short however many rows it has.
inline constexpr std::size_t kArrayRowsMax = 256;

// One element of PostgreSQL's text form of an array.
void AppendElement(const Value& value, std::string* out);

struct Arrays {
  std::string sql;
  std::vector<Value> values;  // one per column that is not NULL throughout
};

// ` select column1, …, columnN from unnest(…)` over rows [at, at + count). A column that has only NULLs and no type stays a bare NULL,
// which takes whatever type its target has.
Arrays UnnestOf(const std::vector<std::vector<Value>>& rows, std::size_t at, std::size_t count, const std::vector<std::string_view>& types);

// The first `columns` of a row as text, each with its length: no two keys look alike.
std::string KeyOf(const std::vector<Value>& row, std::size_t columns);

// `insert into TABLE (COLUMN, …)`.
std::string InsertHead(const InsertSpec& spec);

// `on conflict (…) do update …` by which of all versions of a record the highest stands.
std::string HighestVersionStands(const InsertSpec& spec, std::string_view version_column);

}  // namespace renxin::db
