#include "services/commissions/periods/rules.h"

#include <algorithm>
#include <map>

namespace renxin::commissions::periods {
namespace {

std::string Describe(const DayTotal& total, std::string_view what) {
  return std::to_string(total.count) + " " + std::string(what) + ", " + FormatYuan(total.net) + ", versions " +
         std::to_string(total.versions);
}

std::string Describe(const RecordTotal& total, std::string_view what) {
  return std::to_string(total.count) + " " + std::string(what) + ", versions " + std::to_string(total.versions);
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

// Months in their order, from the first period on.
void CheckOrder(const LockQuestion& q, std::vector<FieldViolation>* found) {
  if (q.first_period && q.period < *q.first_period) {
    found->push_back({"period", "C13", "lies before the first period " + FormatMonth(*q.first_period) + ": history, never paid"});
    return;
  }
  if (!q.locked.empty() && q.period < q.locked.back()) found->push_back({"period", "C13", "a later period is locked already"});
  const std::optional<Month> next = q.locked.empty() ? q.first_period : q.locked.back().Plus(1);
  if (next && q.period > *next)
    found->push_back({"period", "C13", FormatMonth(*next) + " is still open; periods are locked in their order"});
  if (next) return;
  for (const EarlierMonth& month : q.earlier) {
    found->push_back({month.month, "C13",
                      std::to_string(month.settlements) + " settlements, " + FormatYuan(month.net) +
                          ": lock it first, or set the first period, and what is earlier is history"});
  }
}

}  // namespace

Status CheckMonth(Month period, Month current) {
  if (period < kEarliest) return InvalidField("period", "G7", "lies before 1990");
  if (period > current) return InvalidField("period", "C13", "lies ahead; the current month is " + FormatMonth(current));
  return Ok{};
}

Status MaySetFirstPeriod(Month period, Month current, const std::vector<Month>& locked) {
  if (!locked.empty()) return WrongState("C13: the first period is fixed since " + FormatMonth(locked.front()) + " was locked");
  return CheckMonth(period, current);
}

State StateOf(Month period, std::optional<Month> first_period, bool locked) {
  if (locked) return State::kLocked;
  return first_period && period < *first_period ? State::kHistory : State::kOpen;
}

std::vector<Month> ListMonths(const MonthList& question, std::size_t count) {
  std::optional<Month> from = question.from;
  std::optional<Month> last = question.last;
  if (!question.locked.empty()) {
    from = std::min(from.value_or(question.locked.front()), question.locked.front());
    last = std::max(last.value_or(question.locked.back()), question.locked.back());
  }
  std::vector<Month> out;
  if (!from || !last) return out;
  Month month = std::min(*last, question.current);
  if (question.before) month = std::min(month, question.before->Plus(-1));
  for (; month >= *from && out.size() < count; month = month.Plus(-1)) {
    const bool locked = std::binary_search(question.locked.begin(), question.locked.end(), month);
    const State state = StateOf(month, question.first_period, locked);
    if (question.state == State::kUnspecified || question.state == state) out.push_back(month);
  }
  return out;
}

Error AlreadyLocked(Month period) {
  return {Code::kConflict, Reason::kPeriodLocked, "C13: the period " + FormatMonth(period) + " is locked already"};
}

Error NotReady(Month period) {
  return {Code::kConflict, Reason::kPeriodNotReady, "C13: the period " + FormatMonth(period) + " cannot be locked yet"};
}

Status MayLock(const LockQuestion& q) {
  if (std::find(q.locked.begin(), q.locked.end(), q.period) != q.locked.end()) {
    return AlreadyLocked(q.period);
  }
  Error error = NotReady(q.period);
  std::vector<FieldViolation>& found = error.fields;
  if (q.period >= q.current) found.push_back({"period", "C13", "the period is not over"});
  CheckOrder(q, &found);
  for (const ServiceState& state : q.services) {
    if (state.under_way > 0)
      found.push_back({state.service, "C13", std::to_string(state.under_way) + " imports or waiting rows are under way"});
    if (state.dead_letters > 0)
      found.push_back({state.service, "C13", std::to_string(state.dead_letters) + " dead-letter entries are open"});
  }
  CompareDays(q.ours, q.theirs, "settlements", &found);
  CompareDays(q.our_closings, q.their_closings, "closed courses", &found);
  for (const TotalPair& total : q.totals) {
    if (total.ours == total.theirs) continue;
    found.push_back(
        {total.owner, "C13",
         total.owner + ": " + Describe(total.theirs, total.what) + "; " + total.taker + ": " + Describe(total.ours, total.what)});
  }
  if (found.empty()) return Ok{};
  return error;
}

}  // namespace renxin::commissions::periods
