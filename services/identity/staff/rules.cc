#include "services/identity/staff/rules.h"

#include <algorithm>

namespace renxin::identity::staff {

std::vector<Period> Fold(Period joined, std::vector<Period> moves) {
  std::stable_sort(moves.begin(), moves.end(), [](const Period& a, const Period& b) { return a.from < b.from; });
  std::vector<Period> periods{std::move(joined)};
  for (Period& move : moves) {
    const Period& before = periods.back();
    if (move.department.empty()) move.department = before.department;
    if (move.group_no.empty()) move.group_no = before.group_no;
    if (move.supervisor_no.empty()) move.supervisor_no = before.supervisor_no;
    if (move.plan.empty()) move.plan = before.plan;
    if (move.from <= before.from) {
      move.from = before.from;
      periods.back() = std::move(move);
    } else {
      periods.push_back(std::move(move));
    }
  }
  return periods;
}

}  // namespace renxin::identity::staff
