#include "services/commissions/statements/rules.h"

#include <algorithm>
#include <optional>
#include <set>

namespace renxin::commissions::statements {
namespace {

constexpr int kWhole = 10'000;

std::string Percent(int basis_points) {
  std::string text = std::to_string(basis_points / 100);
  if (basis_points % 100 != 0)
    text += "." + std::to_string(basis_points % 100 / 10) + (basis_points % 10 != 0 ? std::to_string(basis_points % 10) : "");
  return text + " %";
}

std::string Explain(const Line& line) {
  std::string text = line.rule;
  if (!line.category.empty()) text += " " + line.category;
  if (line.mode == plans::Mode::kMarginal) text += " marginal";
  if (line.mode == plans::Mode::kSlab) text += " slab";
  text += ": base " + FormatYuan(line.base());
  if (line.carried_in != 0) text += " (own " + FormatYuan(line.own) + ", brought forward " + FormatYuan(line.carried_in) + ")";
  if (line.paid.parts.empty()) return text + (line.base() < 0 ? "; below zero: pays nothing, carried on (C1)" : "; pays nothing");
  text += "; ";
  for (std::size_t i = 0; i < line.paid.parts.size(); ++i) {
    const plans::Part& part = line.paid.parts[i];
    text += (i > 0 ? " + " : "") + FormatYuan(part.amount) + " × " + Percent(part.rate_bp);
  }
  return text + " = " + FormatYuan(line.paid.amount) + ", rounded once half away from zero (G2)";
}

// What one plan gets of a month, by `table` or `item:<category>`; excluded categories count nowhere.
std::map<std::string, Fen> SumUp(const plans::Plan& plan, const std::vector<const Credit*>& credits) {
  std::map<std::string, Fen> sums;
  for (const Credit* credit : credits) {
    const auto rate =
        std::find_if(plan.items.begin(), plan.items.end(), [&](const plans::ItemRate& item) { return item.category == credit->category; });
    if (rate != plan.items.end()) {
      sums["item:" + credit->category] += credit->credited_fen;
    } else if (std::find(plan.excluded.begin(), plan.excluded.end(), credit->category) == plan.excluded.end()) {
      sums["table"] += credit->credited_fen;
    }
  }
  return sums;
}

// Takes what was carried under that key; what is carried for a category this plan has no rate for goes
// to its table.
Fen ApplyCarry(Carry& carry, const std::string& key) {
  const auto found = carry.find(key);
  if (found == carry.end()) return 0;
  const Fen fen = found->second;
  carry.erase(found);
  return fen;
}

void Finish(Line& line, plans::Paid paid, const std::string& key, MonthResult& result) {
  line.paid = std::move(paid);
  if (line.base() < 0) {
    line.carried_out = line.base();
    result.carry[key] += line.base();
  }
  line.explanation = Explain(line);
  result.lines.push_back(line);
}

void AddPlanLines(const plans::Plan& plan, const std::map<std::string, Fen>& sums, Carry& carry, MonthResult& result) {
  const auto own = [&](const std::string& key) {
    const auto found = sums.find(key);
    return found == sums.end() ? Fen{0} : found->second;
  };
  Line table{.rule = plan.table.rule, .plan = plan.code, .plan_version = plan.version, .own = own("table"), .mode = plan.table.mode};
  table.carried_in = ApplyCarry(carry, "table");
  std::vector<Line> items;
  for (const plans::ItemRate& item : plan.items) {
    const std::string key = "item:" + item.category;
    Line line{.rule = item.rule, .plan = plan.code, .plan_version = plan.version, .category = item.category, .own = own(key)};
    line.carried_in = ApplyCarry(carry, key);
    if (sums.contains(key) || line.carried_in != 0) Finish(line, plans::ApplyRate(item.rate_bp, line.base()), key, result);
  }
  // Items of an earlier plan that this one has no rate for.
  for (const auto& [key, fen] : carry) table.carried_in += fen;
  carry.clear();
  Finish(table, plans::Apply(plan.table, table.base()), "table", result);
  std::rotate(result.lines.begin(), result.lines.end() - 1, result.lines.end());
}

}  // namespace

Fen MonthResult::total() const {
  Fen sum = 0;
  for (const Line& line : lines) sum += line.paid.amount;
  return sum;
}

std::vector<Share> SharesFor(const std::vector<Share>& of_customer, Day day, const std::string& visit_id) {
  std::vector<Share> shares;
  for (const Share& share : of_customer) {
    const bool imported = share.visit_id.empty() && share.from <= day && (!share.until || day <= *share.until);
    const bool from_desk = !share.visit_id.empty() && share.visit_id == visit_id;
    if (imported || from_desk) shares.push_back(share);
  }
  std::sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) {
    return std::make_tuple(!a.visit_id.empty(), a.rank, a.id) < std::make_tuple(!b.visit_id.empty(), b.rank, b.id);
  });
  int left = kWhole;
  for (Share& share : shares) {
    share.share_bp = std::min(share.share_bp, left);
    left -= share.share_bp;
  }
  std::erase_if(shares, [](const Share& share) { return share.share_bp == 0; });
  return shares;
}

Fen CreditOf(Fen line_fen, const std::vector<Share>& shares, const std::string& payee, int* share_bp) {
  std::vector<std::int64_t> weights;
  int left = kWhole;
  for (const Share& share : shares) {
    weights.push_back(share.share_bp);
    left -= share.share_bp;
  }
  if (left > 0) weights.push_back(left);
  const std::vector<Fen> parts = Split(line_fen, weights);
  Fen credited = 0;
  *share_bp = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i].rep_id != payee) continue;
    credited += parts[i];
    *share_bp += shares[i].share_bp;
  }
  return credited;
}

std::optional<Day> CountsOn(const Credit& credit, const plans::Plan* plan) {
  if (plan == nullptr || !plan->courses_count_at_close || credit.course_no.empty()) return credit.settled_on;
  if (!credit.course_closed_on) return std::nullopt;
  return std::max(credit.settled_on, *credit.course_closed_on);
}

MonthResult ComputeMonth(const std::vector<Credit>& credits, const PlanOn& plan_on, Month month, const Carry& carried_in) {
  MonthResult result;
  Carry carry = carried_in;
  // Every plan that holds on some day of the month, in the order of its days.
  std::vector<const plans::Plan*> in_force;
  for (Day day = FirstDay(month); day < FirstDay(month.Plus(1)); day = day.Plus(1)) {
    const plans::Plan* plan = plan_on(day);
    if (plan != nullptr && std::find(in_force.begin(), in_force.end(), plan) == in_force.end()) in_force.push_back(plan);
  }
  std::map<const plans::Plan*, std::vector<const Credit*>> by_plan;
  for (const Credit& credit : credits) {
    result.performance += credit.credited_fen;
    const plans::Plan* plan = plan_on(credit.settled_on);
    by_plan[plan].push_back(&credit);
    // A course that closed after its plan had ended still counts under that plan (C19).
    if (plan != nullptr && std::find(in_force.begin(), in_force.end(), plan) == in_force.end()) in_force.push_back(plan);
  }
  std::set<std::string> rules;
  for (const plans::Plan* plan : in_force) {
    MonthResult part;
    AddPlanLines(*plan, SumUp(*plan, by_plan[plan]), carry, part);
    for (Line& line : part.lines) result.lines.push_back(std::move(line));
    for (const auto& [key, fen] : part.carry) result.carry[key] += fen;
    rules.insert(plan->table.rule);
    for (const plans::ItemRate& item : plan->items) rules.insert(item.rule);
    for (const std::string& open : plan->not_covered) result.not_covered.push_back(plan->code + ": " + open);
  }
  // Without any plan in the month what is owed stays owed.
  for (const auto& [key, fen] : carry) result.carry[key] += fen;
  result.rules.assign(rules.begin(), rules.end());
  return result;
}

std::map<Month, MonthResult> ComputeChain(const std::vector<Credit>& credits, const PlanOn& plan_on, Month last,
                                          std::optional<Month> first_period, const std::optional<ChainStart>& start) {
  std::map<Month, std::vector<Credit>> by_month;
  for (const Credit& credit : credits) {
    if (const auto day = CountsOn(credit, plan_on(credit.settled_on))) by_month[MonthOf(*day)].push_back(credit);
  }
  std::map<Month, MonthResult> results;
  Carry carry = start ? start->carry : Carry();
  const Month earliest = by_month.empty() ? last : std::min(by_month.begin()->first, last);
  const Month first = start ? start->closed.Plus(1) : earliest;
  for (Month month = first; month <= last; month = month.Plus(1)) {
    if (first_period && month == *first_period) carry.clear();
    MonthResult& result = results[month];
    result = ComputeMonth(by_month[month], plan_on, month, carry);
    carry = result.carry;
  }
  return results;
}

Line Correction(Month locked, Fen should_be, Fen was, const std::vector<std::string>& causes) {
  Line line{.rule = "C13", .corrects = FormatMonth(locked), .should_be = should_be, .was = was};
  line.paid.amount = should_be - was;
  line.explanation = "C13: " + line.corrects + " was locked at " + FormatYuan(was) + " and should have been " + FormatYuan(should_be) +
                     "; changed since: ";
  for (std::size_t i = 0; i < std::min<std::size_t>(causes.size(), 20); ++i) line.explanation += (i > 0 ? ", " : "") + causes[i];
  if (causes.empty()) line.explanation += "what was carried on from earlier periods";
  if (causes.size() > 20) line.explanation += " and " + std::to_string(causes.size() - 20) + " more";
  return line;
}

namespace {

// The period in force on `day`; null before the first.
const EmploymentPeriod* InForce(const std::vector<EmploymentPeriod>& periods, const std::string& day) {
  const EmploymentPeriod* found = nullptr;
  for (const EmploymentPeriod& period : periods) {
    if (period.from <= day) found = &period;
  }
  return found;
}

// `plan plan-a → plan-b, group g1 → none`; empty when nothing differs.
std::string HowTheyDiffer(const EmploymentPeriod* then, const EmploymentPeriod* now) {
  static const EmploymentPeriod kNone;
  const EmploymentPeriod& before = then == nullptr ? kNone : *then;
  const EmploymentPeriod& after = now == nullptr ? kNone : *now;
  std::string text;
  const auto add = [&](std::string_view what, const std::string& from, const std::string& to) {
    if (from == to) return;
    text += (text.empty() ? "" : ", ") + std::string(what) + " " + (from.empty() ? "none" : from) + " → " + (to.empty() ? "none" : to);
  };
  add("department", before.department, after.department);
  add("group", before.group_no, after.group_no);
  add("supervisor", before.supervisor_no, after.supervisor_no);
  add("plan", before.plan, after.plan);
  return text;
}

}  // namespace

std::vector<std::string> MovesSince(const std::string& staff_id, const std::vector<EmploymentPeriod>& then,
                                    const std::vector<EmploymentPeriod>& now, Month locked) {
  const std::string first = FormatDay(FirstDay(locked));
  const std::string end = FormatDay(FirstDay(locked.Plus(1)));
  // The days on which something begins, as it was known then or is known now.
  std::set<std::string> all{first};
  for (const auto* periods : {&then, &now}) {
    for (const EmploymentPeriod& period : *periods) all.insert(period.from);
  }
  std::vector<std::string> moves;
  std::string from;    // since when it differs as it does
  std::string before;  // and how
  for (const std::string& day : all) {
    if (day >= end) break;
    const std::string difference = HowTheyDiffer(InForce(then, day), InForce(now, day));
    if (difference != before) from = day;
    before = difference;
    if (difference.empty() || day < first) continue;
    const std::string move = "move of staff " + staff_id + " from " + from + " on (" + difference + ")";
    if (moves.empty() || moves.back() != move) moves.push_back(move);
  }
  return moves;
}

std::vector<std::string> SettlementsSince(const std::map<std::string, CreditedSettlement>& then,
                                          const std::map<std::string, CreditedSettlement>& now, Instant locked_at) {
  std::set<std::string> changed;
  for (const auto& [id, settlement] : now) {
    const auto known = then.find(id);
    if (known != then.end() && known->second.version == settlement.version) {
      if (known->second.credited == settlement.credited) continue;
      changed.insert(settlement.settlement_no + " (recognition: " + FormatYuan(known->second.credited) + " → " +
                     FormatYuan(settlement.credited) + ")");
    } else if (known == then.end() && settlement.recorded_at <= locked_at) {
      changed.insert(settlement.settlement_no + " (recognised late)");
    } else {
      changed.insert(settlement.settlement_no);
    }
  }
  for (const auto& [id, settlement] : then) {
    if (!now.contains(id)) changed.insert(settlement.settlement_no);
  }
  return {changed.begin(), changed.end()};
}

}  // namespace renxin::commissions::statements
