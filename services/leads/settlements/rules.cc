#include "services/leads/settlements/rules.h"

#include <algorithm>
#include <set>

#include "shared/core/normal.h"

namespace renxin::leads::settlements {

Result<Head> CheckHead(Head typed, const std::vector<std::string>& payers, Instant now, EntryPath path) {
  RETURN_IF_ERROR(CheckCode("department", &typed.department));
  RETURN_IF_ERROR(CheckOneOf("payer", typed.payer, payers));
  RETURN_IF_ERROR(CheckCode("course_no", &typed.course_no));
  RETURN_IF_ERROR(CheckCode("activity", &typed.activity));
  typed.course_no = NormalCode(typed.course_no);
  RETURN_IF_ERROR(CheckHappened("occurred_at", typed.occurred_at, now, path));
  if (typed.settled_at) RETURN_IF_ERROR(CheckHappened("settled_at", *typed.settled_at, now, path));
  return typed;
}

Status Check(Kind kind, const std::vector<Line>& lines, const std::vector<std::string>& categories) {
  std::set<std::string> numbers;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string at = "lines[" + std::to_string(i) + "].";
    const Line& line = lines[i];
    if (!numbers.insert(line.line_no).second) return RuleBroken(at + "line_no", "L7", "this line number stands twice: " + line.line_no);
    if (std::find(categories.begin(), categories.end(), line.category) == categories.end()) {
      return RuleBroken(at + "category", "L8", "unknown category");
    }
    if (kind == Kind::kRefund && line.amount > 0) return RuleBroken(at + "amount", "L7", "a refund's amount is negative");
  }
  return Ok{};
}

Fen Total(const std::vector<Line>& lines) {
  Fen total = 0;
  for (const Line& line : lines) total += line.amount;
  return total;
}

}  // namespace renxin::leads::settlements
