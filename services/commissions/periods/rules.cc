#include "services/commissions/periods/rules.h"

#include <algorithm>
#include <map>

namespace renxin::commissions::periods {
namespace {

std::string Describe(const DayTotal& total, std::string_view what) {
  return std::to_string(total.count) + " " + std::string(what) + ", " + FormatYuan(total.net) + ", versions " +
         std::to_string(total.versions);
}

void CompareDays(const std::vector<DayTotal>& here, const std::vector<DayTotal>& there, std::string_view what,
                 std::vector<FieldViolation>* found) {
  std::map<std::string, std::pair<DayTotal, DayTotal>> days;
  for (const DayTotal& total : here) days[total.day].first = total;
  for (const DayTotal& total : there) days[total.day].second = total;
  for (const auto& [day, pair] : days) {
    const auto& [ours, theirs] = pair;
    if (ours.count == theirs.count && ours.net == theirs.net && ours.versions == theirs.versions) continue;
    found->push_back({day, "C13", "leads: " + Describe(theirs, what) + "; here: " + Describe(ours, what)});
  }
}

}  // namespace

Error AlreadyLocked(Month period) {
  return {Code::kConflict, Reason::kPeriodLocked, "C13: the period " + FormatMonth(period) + " is locked already"};
}

Status MayLock(const LockQuestion& q) {
  if (std::find(q.locked.begin(), q.locked.end(), q.period) != q.locked.end()) {
    return AlreadyLocked(q.period);
  }
  Error error{Code::kConflict, Reason::kPeriodNotReady, "C13: the period " + FormatMonth(q.period) + " cannot be locked yet"};
  std::vector<FieldViolation>& found = error.fields;
  if (q.period >= q.current) found.push_back({"period", "C13", "the period is not over"});
  const Month next = q.locked.empty() ? q.first_month.value_or(q.period) : q.locked.back().Plus(1);
  if (q.period > next) found.push_back({"period", "C13", FormatMonth(next) + " is still open; periods are locked in their order"});
  if (q.period < next && !q.locked.empty()) found.push_back({"period", "C13", "a later period is locked already"});
  if (q.under_way > 0) found.push_back({"leads", "C13", std::to_string(q.under_way) + " imports or waiting rows are under way"});
  if (q.dead_letters > 0) found.push_back({"commissions", "C13", std::to_string(q.dead_letters) + " dead letters are open"});
  CompareDays(q.ours, q.theirs, "settlements", &found);
  CompareDays(q.our_closings, q.their_closings, "closed courses", &found);
  if (found.empty()) return Ok{};
  return error;
}

}  // namespace renxin::commissions::periods
