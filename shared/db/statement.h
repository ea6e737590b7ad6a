#pragma once
// A statement with its values and what becomes of its rows, as session.h and statements.h take it. Used by the .cc files of shared/db
// alone.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/db/tx.h"

namespace renxin::db {

struct Parameter {
  std::string_view name;  // empty in all of a statement: by position
  const Value* value;
  // SQLite: bound as a number, which NULL may be too. A statement is prepared once for each combination.
  bool number = std::holds_alternative<std::int64_t>(*value);
};

struct Columns {
  const detail::ColumnKind* kinds = nullptr;
  std::size_t count = 0;
};

// Called for every row, where there are columns.
using Row = std::function<void(std::vector<detail::Cell>&)>;

struct Statement {
  std::string sql;
  std::vector<Parameter> parameters;
  Columns columns;
  Row row;
  std::int64_t affected = 0;  // afterwards
};

}  // namespace renxin::db
