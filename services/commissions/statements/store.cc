#include "services/commissions/statements/store.h"

#include <algorithm>
#include <set>

#include "renxin/commissions/v1/commissions.pb.h"
#include "renxin/identity/v1/identity_events.pb.h"
#include "services/commissions/facts/store.h"
#include "services/commissions/periods/store.h"
#include "shared/core/text.h"
#include "shared/privacy/seal.h"

namespace renxin::commissions::statements {
namespace {

void ToProto(const Line& line, v1::StatementLine* out) {
  out->set_rule(line.rule);
  out->set_plan(line.plan);
  out->set_plan_version(line.plan_version);
  out->set_category(line.category);
  out->set_carried_in_fen(line.carried_in);
  out->set_own_fen(line.own);
  out->set_base_fen(line.base());
  out->set_carried_out_fen(line.carried_out);
  out->set_mode(static_cast<v1::TableMode>(line.mode));
  for (const plans::Part& part : line.paid.parts) {
    auto* to = out->add_parts();
    to->set_from_fen(part.from);
    to->set_amount_fen(part.amount);
    to->set_rate_bp(part.rate_bp);
  }
  out->set_amount_fen(line.paid.amount);
  out->set_explanation(line.explanation);
  out->set_corrects_period(line.corrects);
  out->set_should_be_fen(line.should_be);
  out->set_was_fen(line.was);
}

// The rule of the line that a source fell into, to be checked by hand.
std::string RuleOf(const plans::Plan* plan, const std::string& category) {
  if (plan == nullptr) return "";
  for (const plans::ItemRate& item : plan->items) {
    if (item.category == category) return item.rule;
  }
  const bool excluded = std::find(plan->excluded.begin(), plan->excluded.end(), category) != plan->excluded.end();
  return excluded ? "" : plan->table.rule;
}

std::string FrozenId(Month period, const std::string& payee) { return FormatMonth(period) + "/" + payee; }

v1::StatementSource ToSource(const Credit& credit, const plans::Plan* plan, Day counts_on) {
  v1::StatementSource source;
  source.set_settlement_no(credit.settlement_no);
  source.set_line_no(credit.line_no);
  source.set_category(credit.category);
  source.set_settled_on(FormatDay(credit.settled_on));
  source.set_line_fen(credit.line_fen);
  source.set_share_bp(credit.share_bp);
  source.set_credited_fen(credit.credited_fen);
  source.set_rule(RuleOf(plan, credit.category));
  if (counts_on != credit.settled_on) source.set_course_closed_on(FormatDay(counts_on));
  return source;
}

// What of the credits counts in the period, and what waits for the end of its course.
void AddSources(const std::vector<Credit>& credits, const PlanOn& plan_on, Month period, ComputedStatement* computed) {
  Fen in_open_courses = 0;
  for (const Credit& credit : credits) {
    const plans::Plan* plan = plan_on(credit.settled_on);
    const auto counts_on = CountsOn(credit, plan);
    if (!counts_on || MonthOf(*counts_on) > period) in_open_courses += credit.credited_fen;
    if (!counts_on || MonthOf(*counts_on) != period) continue;
    computed->sources.push_back(ToSource(credit, plan, *counts_on));
    computed->versions.emplace_back(credit.settlement_id, credit.version);
  }
  computed->statement->set_in_open_courses_fen(in_open_courses);
  computed->statement->set_source_count(static_cast<std::int64_t>(computed->sources.size()));
}

void AddLines(const std::vector<Line>& lines, const std::vector<std::string>& rules, v1::Statement* out) {
  std::map<std::string, Fen> totals;
  for (const std::string& rule : rules) totals[rule] = 0;
  Fen commission = 0;
  for (const Line& line : lines) {
    ToProto(line, out->add_lines());
    totals[line.rule] += line.paid.amount;
    commission += line.paid.amount;
  }
  out->set_commission_fen(commission);
  for (const auto& [rule, fen] : totals) {
    auto* total = out->add_totals();
    total->set_rule(rule);
    total->set_amount_fen(fen);
  }
}

std::vector<EmploymentPeriod> EmploymentOf(const identity::v1::StaffChanged& staff) {
  std::vector<EmploymentPeriod> out;
  for (const auto& period : staff.periods())
    out.push_back({period.from(), period.department(), period.group_no(), period.supervisor_no(), period.plan()});
  return out;
}

}  // namespace

StatementCalculator::StatementCalculator(Tx& tx, std::optional<Month> first_period)
    : tx_(tx), plans_(tx, &unreadable_), locked_(periods::LockedMonths(tx, &unreadable_)), first_period_(first_period) {
  if (const auto first = periods::LoadFirstPeriod(tx, &unreadable_)) first_period_ = first->month;
  common_ = unreadable_;
}

std::optional<ComputedStatement> StatementCalculator::Find(const std::string& payee, Month period) {
  const auto entry = runtime::StaffById(tx_, payee);
  if (!entry) return std::nullopt;
  if (!IsLocked(period)) return Compute(*entry, period);
  auto statement = LoadFrozen(period, payee);
  if (!statement) return std::nullopt;
  return ComputedStatement{std::make_shared<v1::Statement>(std::move(*statement)), FrozenSources(tx_, period, payee, &unreadable_), {}};
}

ComputedStatement StatementCalculator::Compute(const runtime::RosterEntry& payee, Month period) {
  // Those that every statement lacks, then those of this payee.
  const std::vector<db::UnreadableRow> others = std::exchange(unreadable_, common_);
  if (!payee.readable) unreadable_.push_back({"roster", payee.staff_id});
  const std::vector<Credit> credits = facts::CreditsOf(tx_, payee.staff_id, period, &unreadable_);
  const PlanOn plan_on = [&](Day day) -> const plans::Plan* {
    const identity::v1::StaffPeriod* work = runtime::PeriodOn(*payee.snapshot, day);
    return work == nullptr ? nullptr : plans_.On(work->plan(), day);
  };
  const std::map<Month, MonthResult> chain = ComputeChain(credits, plan_on, period, first_period_);
  const MonthResult& month = chain.at(period);
  ComputedStatement computed{.statement = std::make_shared<v1::Statement>(), .sources = {}, .versions = {}};
  v1::Statement& out = *computed.statement;
  out.set_period(FormatMonth(period));
  out.set_payee_id(payee.staff_id);
  out.set_staff_no(payee.staff_no);
  out.set_source(payee.source);
  out.set_performance_fen(month.performance);
  out.set_history(IsHistory(period));
  std::vector<Line> lines = month.lines;
  AddCorrections(payee, period, chain, credits, plan_on, &lines);
  AddLines(lines, month.rules, &out);
  for (const std::string& open : month.not_covered) out.add_not_covered(open);
  AddSources(credits, plan_on, period, &computed);
  for (const std::string& name : Names(unreadable_)) out.add_unreadable_rows(name);
  out.set_hash(HashOf(computed));
  for (const db::UnreadableRow& row : others) {
    if (std::find(unreadable_.begin(), unreadable_.end(), row) == unreadable_.end()) unreadable_.push_back(row);
  }
  return computed;
}

// Only the period behind the last locked one carries them.
void StatementCalculator::AddCorrections(const runtime::RosterEntry& payee, Month period, const std::map<Month, MonthResult>& chain,
                                         const std::vector<Credit>& credits, const PlanOn& plan_on, std::vector<Line>* lines) {
  if (locked_.empty() || locked_.back().Plus(1) != period) return;
  std::map<std::string, Fen> paid;
  for (const Month month : locked_) {
    const auto frozen = LoadFrozen(month, payee.staff_id);
    if (!frozen) continue;
    for (const auto& line : frozen->lines())
      paid[line.corrects_period().empty() ? FormatMonth(month) : line.corrects_period()] += line.amount_fen();
  }
  for (const Month month : locked_) {
    const auto ideal = chain.find(month);
    const Fen should_be = ideal == chain.end() ? 0 : ideal->second.total();
    const Fen was = paid[FormatMonth(month)];
    if (should_be != was) lines->push_back(Correction(month, should_be, was, Causes(payee, month, credits, plan_on)));
  }
}

std::vector<std::string> StatementCalculator::Causes(const runtime::RosterEntry& payee, Month locked, const std::vector<Credit>& credits,
                                                     const PlanOn& plan_on) {
  const db::Binds key{{"period", FormatMonth(locked)}, {"payee", payee.staff_id}};
  std::vector<std::string> causes;
  const auto lock = periods::LockOf(tx_, FormatMonth(locked));
  const auto roster = tx_.First<std::string>("select roster from locked_statements where period = :period and payee_id = :payee", key);
  if (roster) {
    const auto known =
        db::ReadBody<identity::v1::StaffChanged>("locked_statements", FrozenId(locked, payee.staff_id), std::get<0>(*roster), &unreadable_);
    if (known) causes = MovesSince(payee.staff_id, EmploymentOf(*known), EmploymentOf(*payee.snapshot), locked);
  }
  std::map<std::string, CreditedSettlement> then;
  for (auto& [id, version, line, body] : tx_.Select<std::string, std::int64_t, std::string, std::string>(
           "select settlement_id, version, line_no, body from locked_sources where period = :period and payee_id = :payee limit 200000",
           key)) {
    const auto source = db::ReadBody<v1::StatementSource>("locked_sources", id + "/" + line, body, &unreadable_);
    if (!source) continue;
    CreditedSettlement& settlement = then[id];
    settlement = {source->settlement_no(), version, settlement.credited + source->credited_fen(), {}};
  }
  std::map<std::string, CreditedSettlement> now;
  for (const Credit& credit : credits) {
    const auto counts_on = CountsOn(credit, plan_on(credit.settled_on));
    if (!counts_on || MonthOf(*counts_on) != locked) continue;
    CreditedSettlement& settlement = now[credit.settlement_id];
    settlement = {credit.settlement_no, credit.version, settlement.credited + credit.credited_fen, credit.recorded_at};
  }
  for (std::string& changed : SettlementsSince(then, now, lock ? lock->at : Instant{})) causes.push_back(std::move(changed));
  return causes;
}

std::optional<v1::Statement> StatementCalculator::LoadFrozen(Month period, const std::string& payee) {
  const auto row = tx_.First<std::string>("select body from locked_statements where period = :period and payee_id = :payee",
                                          {{"period", FormatMonth(period)}, {"payee", payee}});
  if (!row) return std::nullopt;
  std::vector<db::UnreadableRow> unreadable;
  auto statement = db::ReadBody<v1::Statement>("locked_statements", FrozenId(period, payee), std::get<0>(*row), &unreadable);
  if (statement) return statement;
  v1::Statement out;
  out.set_period(FormatMonth(period));
  out.set_payee_id(payee);
  out.set_locked(true);
  for (const std::string& name : Names(unreadable)) out.add_unreadable_rows(name);
  unreadable_.insert(unreadable_.end(), unreadable.begin(), unreadable.end());
  return out;
}

// Who has a locked statement, where `period` is the one that corrects them.
std::set<std::string> StatementCalculator::LockedPayees(Month period) {
  std::set<std::string> payees;
  if (locked_.empty() || locked_.back().Plus(1) != period) return payees;
  for (auto& [payee] : tx_.Select<std::string>("select distinct payee_id from locked_statements order by payee_id limit 20000"))
    payees.insert(payee);
  return payees;
}

bool StatementCalculator::IsCorrected(const runtime::RosterEntry& payee, Month period) {
  const auto lines = Compute(payee, period).statement->lines();
  return std::any_of(lines.begin(), lines.end(), [](const auto& line) { return !line.corrects_period().empty(); });
}

std::vector<runtime::RosterEntry> StatementCalculator::Payees(Month period, const std::string& source) {
  std::vector<std::string> credited_list = facts::Payees(tx_);
  const std::set<std::string> credited(credited_list.begin(), credited_list.end());
  const std::set<std::string> paid_before = LockedPayees(period);
  std::vector<runtime::RosterEntry> out;
  const Day first = FirstDay(period);
  const Day last = FirstDay(period.Plus(1)).Plus(-1);
  std::string after;
  for (;;) {
    std::vector<runtime::RosterEntry> page = runtime::ListRoster(tx_, source, after, 500);
    for (runtime::RosterEntry& entry : page) {
      after = entry.staff_id;
      if (!entry.readable) unreadable_.push_back({"roster", entry.staff_id});
      const identity::v1::StaffPeriod* work = runtime::PeriodOn(*entry.snapshot, last);
      const bool gone = !entry.snapshot->left_on().empty() && entry.snapshot->left_on() < FormatDay(first);
      const bool has_plan = work != nullptr && !gone && plans_.On(work->plan(), last) != nullptr;
      if (has_plan || credited.contains(entry.staff_id) || (paid_before.contains(entry.staff_id) && IsCorrected(entry, period)))
        out.push_back(std::move(entry));
    }
    if (page.size() < 500) return out;
  }
}

std::vector<v1::StatementSource> FrozenSources(Tx& tx, Month period, const std::string& payee, std::vector<db::UnreadableRow>* unreadable) {
  std::vector<v1::StatementSource> out;
  for (auto& [id, line, body] : tx.Select<std::string, std::string, std::string>(
           "select settlement_id, line_no, body from locked_sources where period = :period and payee_id = :payee "
           "order by settlement_id, line_no limit 200000",
           {{"period", FormatMonth(period)}, {"payee", payee}})) {
    if (auto source = db::ReadBody<v1::StatementSource>("locked_sources", id + "/" + line, body, unreadable))
      out.push_back(std::move(*source));
  }
  return out;
}

std::vector<std::string> Names(const std::vector<db::UnreadableRow>& rows) {
  std::vector<std::string> out;
  for (const db::UnreadableRow& row : rows) out.push_back(row.table + ": " + row.id);
  return out;
}

std::string HashOf(const ComputedStatement& computed) {
  const v1::Statement& s = *computed.statement;
  std::string text = s.period() + "|" + s.payee_id() + "|" + std::to_string(s.performance_fen()) + "\n";
  for (const auto& line : s.lines()) {
    text += line.rule() + "|" + line.plan() + "|" + std::to_string(line.plan_version()) + "|" + line.category() + "|" +
            std::to_string(line.carried_in_fen()) + "|" + std::to_string(line.own_fen()) + "|" + std::to_string(line.amount_fen()) + "|" +
            line.corrects_period() + "\n";
  }
  std::vector<std::string> sources;
  for (const auto& source : computed.sources) {
    sources.push_back(source.settlement_no() + "|" + source.line_no() + "|" + std::to_string(source.line_fen()) + "|" +
                      std::to_string(source.share_bp()) + "|" + std::to_string(source.credited_fen()));
  }
  std::sort(sources.begin(), sources.end());
  return privacy::Sha256(text + Join(sources, "\n"));
}

}  // namespace renxin::commissions::statements
