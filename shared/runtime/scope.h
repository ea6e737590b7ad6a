#pragma once
// P1 in SQL: the rows of the staff a caller may see.

#include <string>
#include <string_view>

#include "shared/runtime/context.h"

namespace renxin::runtime {

// A condition on `column` (a staff id), true for every row of a caller who sees all, false for one who
// sees nobody's. Its values are added to `binds` under names of their own (`s0`, `s1` …).
std::string ScopeClause(const Scope& scope, std::string_view column, db::Binds* binds);

}  // namespace renxin::runtime
