#include "shared/runtime/scope.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "shared/runtime/roster.h"

namespace renxin {

bool Scope::Sees(std::string_view staff_id) const {
  if (all || std::find(staff_ids.begin(), staff_ids.end(), staff_id) != staff_ids.end()) return true;
  return group != nullptr && group->Holds(staff_id);
}

namespace runtime {

GroupScope::GroupScope(std::shared_ptr<const Roster> roster, std::string_view staff_id, Day day)
    : roster_(std::move(roster)), staff_id_(staff_id), day_(day) {}

std::shared_ptr<const GroupScope> GroupScope::Of(Tx& tx, std::string_view staff_id, Day day) {
  std::shared_ptr<const Roster> roster = Roster::Of(tx);
  if (roster->ById(staff_id) == nullptr) return nullptr;
  return std::make_shared<const GroupScope>(std::move(roster), staff_id, day);
}

bool GroupScope::Holds(std::string_view staff_id) const { return roster_->InGroupOf(staff_id_, staff_id, day_); }

std::string GroupScope::Clause(std::string_view column, db::Binds* binds) const {
  const Roster::Member* viewer = roster_->ById(staff_id_);
  const Roster::Period* own = viewer->On(day_);
  const std::string day = FormatDay(day_);
  binds->emplace_back("scope_source", viewer->source);
  binds->emplace_back("scope_group", db::TextOrNull(own == nullptr ? "" : own->group_no));
  binds->emplace_back("scope_supervisor", viewer->staff_no);
  binds->emplace_back("scope_from", day);
  binds->emplace_back("scope_until", day);
  return std::string(column) +
         " in (select p.staff_id from roster_periods p where p.source = :scope_source and (p.group_no = :scope_group or "
         "p.supervisor_no = :scope_supervisor) and p.from_day <= :scope_from and (p.until_day is null or p.until_day > :scope_until))";
}

std::string ScopeClause(const Scope& scope, std::string_view column, db::Binds* binds) {
  // A bind keeps a view of its name. A scope names its caller, and tests some more; who are many are a group.
  static constexpr std::array<std::string_view, 8> kNames = {"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"};
  if (scope.all) return "1 = 1";
  if (scope.staff_ids.size() > kNames.size()) throw std::logic_error("a scope names a few staff; many are a group");
  std::string named;
  for (std::size_t i = 0; i < scope.staff_ids.size(); ++i) {
    named += (named.empty() ? ":" : ", :") + std::string(kNames[i]);
    binds->emplace_back(kNames[i], scope.staff_ids[i]);
  }
  std::string clause = named.empty() ? "1 = 0" : std::string(column) + " in (" + named + ")";
  if (scope.group == nullptr) return clause;
  return "(" + clause + " or " + scope.group->Clause(column, binds) + ")";
}

}  // namespace runtime
}  // namespace renxin
