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

Status Check(Kind kind, const std::vector<Line>& lines, const std::vector<std::string>& categories, const LineFields& names) {
  std::set<std::string> numbers;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string at = "lines[" + std::to_string(i) + "].";
    const Line& line = lines[i];
    if (!numbers.insert(line.line_no).second) return RuleBroken(at + "line_no", "L7", "this line number stands twice: " + line.line_no);
    if (std::find(categories.begin(), categories.end(), line.category) == categories.end()) {
      return RuleBroken(at + "category", "L8", "unknown category");
    }
    if (kind == Kind::kRefund && line.amount > 0) return RuleBroken(at + std::string(names.amount), "L7", "a refund's amount is negative");
  }
  return Ok{};
}

Fen Total(const std::vector<Line>& lines) {
  Fen total = 0;
  for (const Line& line : lines) total += line.amount;
  return total;
}

namespace {

Status CheckRefund(const Related& refund, const Related& sale, const Refunds& others) {
  if (sale.id == refund.id) return RuleBroken("refund_of", "L7", "a settlement does not refund itself");
  if (sale.kind != Kind::kSale) return RuleBroken("refund_of", "L7", "what it names is a refund itself");
  if (sale.customer_id != refund.customer_id) return RuleBroken("refund_of", "L7", "what it names is another customer's");
  if (refund.occurred_at < sale.occurred_at) return RuleBroken("occurred_at", "L7", "lies before the sale that it refunds");
  const Fen left = sale.total + others.total;
  if (left + refund.total < 0) {
    return RuleBroken("refund_of", "L7",
                      "refunds " + FormatYuan(-refund.total) + " where " + FormatYuan(left) + " of " + FormatYuan(sale.total) + " is left");
  }
  return Ok{};
}

// An update of what refunds name.
Status CheckRefunded(const Related& sale, const Refunds& refunds) {
  if (refunds.count == 0) return Ok{};
  if (sale.kind != Kind::kSale) return RuleBroken("kind", "L7", "it was refunded: it stays a sale");
  if (sale.customer_id != refunds.customer_id) return RuleBroken("customer_id", "L7", "it was refunded: it stays its customer's");
  if (sale.occurred_at > refunds.earliest) return RuleBroken("occurred_at", "L7", "lies after a refund of it");
  if (sale.total + refunds.total < 0) {
    return RuleBroken("lines", "L7", "comes to " + FormatYuan(sale.total) + ", of which " + FormatYuan(-refunds.total) + " was refunded");
  }
  return Ok{};
}

}  // namespace

Status CheckRelations(const Related& settlement, const std::optional<Related>& named, const Refunds& of_named, const Refunds& of_itself) {
  if (settlement.kind == Kind::kSale && !settlement.refund_of.empty())
    return RuleBroken("refund_of", "L7", "a sale names nothing that it refunds");
  if (named) RETURN_IF_ERROR(CheckRefund(settlement, *named, of_named));
  return CheckRefunded(settlement, of_itself);
}

}  // namespace renxin::leads::settlements
