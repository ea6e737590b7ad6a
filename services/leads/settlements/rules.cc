#include "services/leads/settlements/rules.h"

#include <algorithm>
#include <set>

namespace renxin::leads::settlements {

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
