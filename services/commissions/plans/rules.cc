#include "services/commissions/plans/rules.h"

#include <algorithm>
#include <set>

#include "shared/core/wide.h"

namespace renxin::commissions::plans {
namespace {

constexpr Fen kYuan = 100;

}  // namespace

Status Check(const Plan& plan) {
  if (plan.table.mode == Mode::kUnspecified) return InvalidField("document.table.mode", "C2", "marginal or slab must be stated");
  const std::vector<Bracket>& brackets = plan.table.brackets;
  if (brackets.empty() || brackets.front().from != 0)
    return InvalidField("document.table.brackets[0].from_fen", "C2", "brackets start at 0");
  for (std::size_t i = 1; i < brackets.size(); ++i) {
    if (brackets[i].from > brackets[i - 1].from) continue;
    return InvalidField("document.table.brackets[" + std::to_string(i) + "].from_fen", "C2", "brackets rise, each above the one before");
  }
  std::set<std::string> categories(plan.excluded.begin(), plan.excluded.end());
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    if (categories.insert(plan.items[i].category).second) continue;
    return InvalidField("document.item_rates[" + std::to_string(i) + "].category", "C8", "this category stands twice");
  }
  return Ok{};
}

Status MayTakeEffect(Day from, Day today, const std::vector<Month>& locked) {
  int year = 0;
  int month = 0;
  int day = 0;
  SplitDay(today, &year, &month, &day);
  if (from > MakeDay(year + 1, month, day)) return InvalidField("effective_from", "G7", "lies more than a year ahead");
  const auto last = std::max_element(locked.begin(), locked.end());
  if (last == locked.end() || MonthOf(from) > *last) return Ok{};
  Error error{Code::kConflict, Reason::kPeriodLocked,
              "C2: a plan does not take effect inside a locked period; " + FormatMonth(*last) + " is locked"};
  error.fields.push_back({"effective_from", "C2", FormatMonth(last->Plus(1)) + " is the first open period"});
  return error;
}

Paid Apply(const Table& table, Fen base) {
  Paid paid;
  if (base <= 0) return paid;
  // In fen times basis points, so that the parts are exact and only the sum is rounded.
  Wide sum = 0;
  for (std::size_t i = 0; i < table.brackets.size(); ++i) {
    const Bracket& bracket = table.brackets[i];
    if (bracket.from >= base && bracket.from > 0) break;
    const bool last = i + 1 == table.brackets.size();
    const Fen to = last ? base : std::min(base, table.brackets[i + 1].from);
    if (table.mode == Mode::kMarginal) {
      paid.parts.push_back({bracket.from, to - bracket.from, bracket.rate_bp});
      sum += static_cast<Wide>(to - bracket.from) * bracket.rate_bp;
    }
  }
  if (table.mode == Mode::kSlab) {
    // Half-open: 20,000.00 falls into the bracket that starts there.
    const auto above = std::find_if(table.brackets.rbegin(), table.brackets.rend(), [&](const Bracket& b) { return b.from <= base; });
    paid.parts.push_back({above->from, base, above->rate_bp});
    sum = static_cast<Wide>(base) * above->rate_bp;
  }
  paid.amount = static_cast<Fen>((2 * sum + 10'000) / 20'000);
  return paid;
}

Paid ApplyRate(int rate_bp, Fen base) {
  Paid paid;
  if (base <= 0) return paid;
  paid.parts.push_back({0, base, rate_bp});
  paid.amount = AtRate(base, rate_bp);
  return paid;
}

std::vector<Fen> Samples(const Table& table) {
  std::vector<Fen> samples;
  for (const Bracket& bracket : table.brackets) {
    if (bracket.from == 0) continue;
    for (const Fen amount : {bracket.from - 1, bracket.from, bracket.from + 1}) samples.push_back(amount);
  }
  const Fen last = table.brackets.empty() ? 0 : table.brackets.back().from;
  samples.push_back(last == 0 ? 10'000 * kYuan : 2 * last);
  return samples;
}

Plan DefaultPlanA() {
  Plan plan{.code = "plan-a", .version = 1};
  plan.table = {"C3", Mode::kMarginal, {{0, 500}, {50'000 * kYuan, 600}, {80'000 * kYuan, 700}}};
  plan.not_covered = {"C4 free clinic", "C5 maternity class", "C9 base pay", "R12 rebates"};
  return plan;
}

Plan DefaultPlanB() {
  Plan plan{.code = "plan-b", .version = 1};
  plan.table = {"C7",
                Mode::kSlab,
                {{0, 300},
                 {20'000 * kYuan, 400},
                 {30'000 * kYuan, 500},
                 {50'000 * kYuan, 600},
                 {70'000 * kYuan, 700},
                 {100'000 * kYuan, 800},
                 {150'000 * kYuan, 900},
                 {200'000 * kYuan, 1000}}};
  plan.items = {{"C8", "work_injury", 800}, {"C8", "checkup", 3000}, {"C8", "health_certificate", 3000}};
  plan.excluded = {"obstetrics_natural",  "obstetrics_caesarean", "confinement_package",
                   "postpartum_recovery", "lithotripsy",          "stone_surgery"};
  plan.not_covered = {"C8 prices per case", "C9 base and assessment pay", "R14 bound persons"};
  plan.courses_count_at_close = true;
  return plan;
}

}  // namespace renxin::commissions::plans
