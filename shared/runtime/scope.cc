#include "shared/runtime/scope.h"

namespace renxin::runtime {

std::string ScopeClause(const Scope& scope, std::string_view column, db::Binds* binds) {
  // A group larger than this is a department: its heads see all.
  constexpr std::size_t kStaffMax = 500;
  if (scope.all) return "1 = 1";
  // A bind keeps a view of its name.
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    names.reserve(kStaffMax);
    for (std::size_t i = 0; i < kStaffMax; ++i) names.push_back("s" + std::to_string(i));
    return names;
  }();
  std::string clause;
  for (std::size_t i = 0; i < std::min(scope.staff_ids.size(), kNames.size()); ++i) {
    clause += (clause.empty() ? ":" : ", :") + kNames[i];
    binds->emplace_back(kNames[i], scope.staff_ids[i]);
  }
  return clause.empty() ? "1 = 0" : std::string(column) + " in (" + clause + ")";
}

}  // namespace renxin::runtime
