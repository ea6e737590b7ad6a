#include "services/identity/staff/rules.h"

#include <algorithm>

#include "shared/core/normal.h"

namespace renxin::identity::staff {
namespace {

Status CheckPeriod(Period* period) {
  RETURN_IF_ERROR(CheckCode("department", &period->department));
  RETURN_IF_ERROR(CheckCode("group_no", &period->group_no));
  RETURN_IF_ERROR(CheckCode("supervisor_no", &period->supervisor_no));
  RETURN_IF_ERROR(CheckCode("plan", &period->plan));
  period->group_no = NormalCode(period->group_no);
  period->supervisor_no = NormalCode(period->supervisor_no);
  return Ok{};
}

Result<Day> DayOf(std::string_view field, const std::string& text) {
  const auto day = ParseDay(text);
  if (!day) return InvalidField(field, "format", day.error().fields.front().message);
  return *day;
}

}  // namespace

Result<StaffEntry> CheckStaff(StaffEntry typed, const std::vector<std::string>& jobs, Day today) {
  typed.staff_no = NormalCode(typed.staff_no);
  ASSIGN_OR_RETURN(typed.name, CheckName("name", typed.name, true));
  RETURN_IF_ERROR(CheckOneOf("job", typed.job, jobs));
  RETURN_IF_ERROR(CheckPeriod(&typed.first));
  ASSIGN_OR_RETURN(const Day joined, DayOf("joined_on", typed.joined_on));
  RETURN_IF_ERROR(CheckAheadOn("joined_on", joined, today));
  if (!typed.left_on.empty()) {
    ASSIGN_OR_RETURN(const Day left, DayOf("left_on", typed.left_on));
    RETURN_IF_ERROR(CheckAheadOn("left_on", left, today));
    if (left < joined) return InvalidField("left_on", "P1", "lies before joined_on");
  }
  return typed;
}

Result<Period> CheckMove(Period typed, const std::string& joined_on, Day today) {
  ASSIGN_OR_RETURN(const Day from, DayOf("from", typed.from));
  RETURN_IF_ERROR(CheckAheadOn("from", from, today));
  RETURN_IF_ERROR(CheckPeriod(&typed));
  if (!joined_on.empty() && typed.from < joined_on) return InvalidField("from", "C19", "lies before the day of joining");
  return typed;
}

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
