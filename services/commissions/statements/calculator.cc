#include "services/commissions/statements/calculator.h"

#include <algorithm>

#include "shared/core/text.h"
#include "shared/privacy/seal.h"

namespace renxin::commissions::statements {
namespace {

// The rule of the line that a source fell into, to be checked by hand.
std::string RuleOf(const plans::Plan* plan, const std::string& category) {
  if (plan == nullptr) return "";
  for (const plans::ItemRate& item : plan->items) {
    if (item.category == category) return item.rule;
  }
  const bool excluded = std::find(plan->excluded.begin(), plan->excluded.end(), category) != plan->excluded.end();
  return excluded ? "" : plan->table.rule;
}

Source SourceOf(const Credit& credit, const plans::Plan* plan, Day counts_on) {
  return {.settlement_id = credit.settlement_id,
          .version = credit.version,
          .settlement_no = credit.settlement_no,
          .line_no = credit.line_no,
          .category = credit.category,
          .settled_on = FormatDay(credit.settled_on),
          .line_fen = credit.line_fen,
          .share_bp = credit.share_bp,
          .credited_fen = credit.credited_fen,
          .rule = RuleOf(plan, credit.category),
          .course_closed_on = counts_on != credit.settled_on ? FormatDay(counts_on) : ""};
}

// What of the credits counts in the period, and what waits for the end of its course.
void AddSources(const Inputs& inputs, Statement* out) {
  for (const Credit& credit : inputs.credits) {
    const plans::Plan* plan = inputs.plan_on(credit.settled_on);
    const auto counts_on = CountsOn(credit, plan);
    if (!counts_on || MonthOf(*counts_on) > inputs.period) out->in_open_courses += credit.credited_fen;
    if (counts_on && MonthOf(*counts_on) == inputs.period) out->sources.push_back(SourceOf(credit, plan, *counts_on));
  }
  out->source_count = static_cast<std::int64_t>(out->sources.size());
}

void AddLines(const MonthResult& month, const std::vector<Line>& corrections, Statement* out) {
  out->lines = month.lines;
  out->lines.insert(out->lines.end(), corrections.begin(), corrections.end());
  for (const std::string& rule : month.rules) out->totals[rule] = 0;
  for (const Line& line : out->lines) {
    out->totals[line.rule] += line.paid.amount;
    out->commission += line.paid.amount;
  }
}

}  // namespace

std::map<Month, MonthResult> ChainOf(const Inputs& inputs) {
  return ComputeChain(inputs.credits, inputs.plan_on, inputs.period, inputs.first_period, inputs.start);
}

std::vector<Difference> Differences(const std::map<Month, MonthResult>& chain, const std::vector<Month>& locked,
                                    const std::map<Month, Fen>& paid, Month period) {
  std::vector<Difference> out;
  if (locked.empty() || locked.back().Plus(1) != period) return out;
  for (const Month month : locked) {
    const auto ideal = chain.find(month);
    const auto known = paid.find(month);
    const Fen should_be = ideal == chain.end() ? 0 : ideal->second.total();
    const Fen was = known == paid.end() ? 0 : known->second;
    if (should_be != was) out.push_back({month, should_be, was});
  }
  return out;
}

Statement Compute(const Inputs& inputs, const MonthResult& month, const std::vector<Line>& corrections,
                  const std::vector<std::string>& unreadable_rows) {
  Statement out{.period = FormatMonth(inputs.period),
                .payee_id = inputs.payee.id,
                .staff_no = inputs.payee.staff_no,
                .source = inputs.payee.source,
                .history = inputs.history,
                .performance = month.performance,
                .not_covered = month.not_covered,
                .unreadable_rows = unreadable_rows,
                .carry = month.carry};
  AddLines(month, corrections, &out);
  AddSources(inputs, &out);
  out.hash = HashOf(out);
  return out;
}

std::string HashOf(const Statement& s) {
  std::string text = s.period + "|" + s.payee_id + "|" + std::to_string(s.performance) + "\n";
  for (const Line& line : s.lines) {
    text += line.rule + "|" + line.plan + "|" + std::to_string(line.plan_version) + "|" + line.category + "|" +
            std::to_string(line.carried_in) + "|" + std::to_string(line.own) + "|" + std::to_string(line.paid.amount) + "|" +
            line.corrects + "\n";
  }
  std::vector<std::string> sources;
  for (const Source& source : s.sources) {
    sources.push_back(source.settlement_no + "|" + source.line_no + "|" + std::to_string(source.line_fen) + "|" +
                      std::to_string(source.share_bp) + "|" + std::to_string(source.credited_fen));
  }
  std::sort(sources.begin(), sources.end());
  return privacy::Sha256(text + Join(sources, "\n"));
}

}  // namespace renxin::commissions::statements
