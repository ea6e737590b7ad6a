#pragma once
// P1 in SQL: the rows of the staff a caller may see.

#include <memory>
#include <string>
#include <string_view>

#include "shared/runtime/context.h"

namespace renxin::runtime {

class Roster;

// The group of a member of staff on a day: those of the same group and those they supervise. In memory for one record, in SQL
// for a list; both from the rows of the roster that one transaction sees.
class GroupScope {
 public:
  GroupScope(std::shared_ptr<const Roster> roster, std::string_view staff_id, Day day);
  // Null when the roster does not know them.
  static std::shared_ptr<const GroupScope> Of(Tx& tx, std::string_view staff_id, Day day);

  bool Holds(std::string_view staff_id) const;
  // A condition on `column` (a staff id): a join with the roster, of one length for groups of every size.
  std::string Clause(std::string_view column, db::Binds* binds) const;

 private:
  std::shared_ptr<const Roster> roster_;
  std::string staff_id_;
  Day day_;
};

// A condition on `column` (a staff id), true for every row of a caller who sees all, false for one who
// sees nobody's. Its values are added to `binds` under names of their own (`s0`, `s1` … and `scope_…`): once a statement.
std::string ScopeClause(const Scope& scope, std::string_view column, db::Binds* binds);

}  // namespace renxin::runtime
