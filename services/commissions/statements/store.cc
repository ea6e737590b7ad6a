#include "services/commissions/statements/store.h"

#include <algorithm>
#include <set>

#include "services/commissions/facts/store.h"
#include "shared/core/text.h"
#include "shared/privacy/seal.h"

namespace renxin::commissions::statements {
namespace {

const db::InsertSpec kStatements{.table = "locked_statements",
                                 .columns = {"period", "payee_id", "commission_fen", "statement_hash", "body"}};
const db::InsertSpec kSources{.table = "locked_sources", .columns = {"period", "payee_id", "settlement_id", "line_no", "version", "body"}};

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

}  // namespace

std::vector<Month> Desk::LockedMonths(Tx& tx) {
  std::vector<Month> months;
  for (auto& [period] : tx.Select<std::string>("select period from periods order by period limit 5000"))
    months.push_back(*ParseMonth(period));
  return months;
}

std::optional<Drawn> Desk::Draw(const std::string& payee, Month period) {
  const auto entry = runtime::StaffById(tx_, payee);
  if (!entry) return std::nullopt;
  if (!IsLocked(period)) return Compute(*entry, period);
  auto statement = Frozen(tx_, period, payee);
  if (!statement) return std::nullopt;
  return Drawn{std::move(*statement), FrozenSources(tx_, period, payee), {}};
}

Drawn Desk::Compute(const runtime::RosterEntry& payee, Month period) {
  const std::vector<Credit> credits = facts::CreditsOf(tx_, payee.staff_id, period);
  const PlanOn plan_on = [&](Day day) -> const plans::Plan* {
    const identity::v1::StaffPeriod* work = runtime::PeriodOn(payee.snapshot, day);
    return work == nullptr ? nullptr : plans_.On(work->plan(), day);
  };
  const std::map<Month, MonthResult> chain = ComputeChain(credits, plan_on, period);
  const MonthResult& month = chain.at(period);
  Drawn drawn;
  v1::Statement& out = drawn.statement;
  out.set_period(FormatMonth(period));
  out.set_payee_id(payee.staff_id);
  out.set_staff_no(payee.staff_no);
  out.set_source(payee.source);
  out.set_performance_fen(month.performance);
  std::vector<Line> lines = month.lines;
  AddCorrections(payee.staff_id, period, chain, credits, plan_on, &lines);
  std::map<std::string, Fen> totals;
  for (const std::string& rule : month.rules) totals[rule] = 0;
  Fen commission = 0;
  for (const Line& line : lines) {
    ToProto(line, out.add_lines());
    totals[line.rule] += line.paid.amount;
    commission += line.paid.amount;
  }
  out.set_commission_fen(commission);
  for (const auto& [rule, fen] : totals) {
    auto* total = out.add_totals();
    total->set_rule(rule);
    total->set_amount_fen(fen);
  }
  for (const std::string& open : month.not_covered) out.add_not_covered(open);
  Fen in_open_courses = 0;
  for (const Credit& credit : credits) {
    const auto counts_on = CountsOn(credit, plan_on(credit.settled_on));
    if (!counts_on || MonthOf(*counts_on) > period) in_open_courses += credit.credited_fen;
    if (!counts_on || MonthOf(*counts_on) != period) continue;
    v1::StatementSource source;
    source.set_settlement_no(credit.settlement_no);
    source.set_line_no(credit.line_no);
    source.set_category(credit.category);
    source.set_settled_on(FormatDay(credit.settled_on));
    source.set_line_fen(credit.line_fen);
    source.set_share_bp(credit.share_bp);
    source.set_credited_fen(credit.credited_fen);
    source.set_rule(RuleOf(plan_on(credit.settled_on), credit.category));
    if (*counts_on != credit.settled_on) source.set_course_closed_on(FormatDay(*counts_on));
    drawn.sources.push_back(std::move(source));
    drawn.versions.emplace_back(credit.settlement_id, credit.version);
  }
  out.set_in_open_courses_fen(in_open_courses);
  out.set_source_count(static_cast<std::int64_t>(drawn.sources.size()));
  out.set_hash(HashOf(drawn));
  return drawn;
}

// Only the period behind the last locked one carries them.
void Desk::AddCorrections(const std::string& payee, Month period, const std::map<Month, MonthResult>& chain,
                          const std::vector<Credit>& credits, const PlanOn& plan_on, std::vector<Line>* lines) {
  if (locked_.empty() || locked_.back().Plus(1) != period) return;
  std::map<std::string, Fen> paid;
  for (const Month month : locked_) {
    const auto frozen = Frozen(tx_, month, payee);
    if (!frozen) continue;
    for (const auto& line : frozen->lines())
      paid[line.corrects_period().empty() ? FormatMonth(month) : line.corrects_period()] += line.amount_fen();
  }
  for (const Month month : locked_) {
    const auto ideal = chain.find(month);
    const Fen should_be = ideal == chain.end() ? 0 : ideal->second.total();
    const Fen was = paid[FormatMonth(month)];
    if (should_be != was) lines->push_back(Correction(month, should_be, was, Changed(payee, month, credits, plan_on)));
  }
}

// The settlements of a locked period that are new, gone or of another version since.
std::vector<std::string> Desk::Changed(const std::string& payee, Month locked, const std::vector<Credit>& credits, const PlanOn& plan_on) {
  struct Known {
    std::int64_t version = 0;
    std::string settlement_no;
    bool seen = false;
  };
  std::map<std::string, Known> before;
  for (auto& [id, version, body] : tx_.Select<std::string, std::int64_t, std::string>(
           "select settlement_id, version, body from locked_sources where period = :period and payee_id = :payee limit 100000",
           {{"period", FormatMonth(locked)}, {"payee", payee}})) {
    v1::StatementSource source;
    source.ParseFromString(FromBase64(body).value_or(""));
    before[id] = {version, source.settlement_no(), false};
  }
  std::set<std::string> changed;
  for (const Credit& credit : credits) {
    const auto counts_on = CountsOn(credit, plan_on(credit.settled_on));
    if (!counts_on || MonthOf(*counts_on) != locked) continue;
    const auto known = before.find(credit.settlement_id);
    if (known == before.end() || known->second.version != credit.version) changed.insert(credit.settlement_no);
    if (known != before.end()) known->second.seen = true;
  }
  for (const auto& [id, known] : before) {
    if (!known.seen) changed.insert(known.settlement_no);
  }
  return {changed.begin(), changed.end()};
}

std::vector<runtime::RosterEntry> Desk::Payees(Month period, const std::string& source) {
  std::vector<std::string> credited_list = facts::Payees(tx_);
  const std::set<std::string> credited(credited_list.begin(), credited_list.end());
  std::vector<runtime::RosterEntry> out;
  const Day first = FirstDay(period);
  const Day last = FirstDay(period.Plus(1)).Plus(-1);
  std::string after;
  for (;;) {
    std::vector<runtime::RosterEntry> page = runtime::ListRoster(tx_, source, after, 500);
    for (runtime::RosterEntry& entry : page) {
      after = entry.staff_id;
      const identity::v1::StaffPeriod* work = runtime::PeriodOn(entry.snapshot, last);
      const bool gone = !entry.snapshot.left_on().empty() && entry.snapshot.left_on() < FormatDay(first);
      const bool has_plan = work != nullptr && !gone && plans_.On(work->plan(), last) != nullptr;
      if (has_plan || credited.contains(entry.staff_id)) out.push_back(std::move(entry));
    }
    if (page.size() < 500) return out;
  }
}

std::optional<v1::Statement> Frozen(Tx& tx, Month period, const std::string& payee) {
  const auto row = tx.First<std::string>("select body from locked_statements where period = :period and payee_id = :payee",
                                         {{"period", FormatMonth(period)}, {"payee", payee}});
  v1::Statement statement;
  if (!row || !statement.ParseFromString(FromBase64(std::get<0>(*row)).value_or(""))) return std::nullopt;
  return statement;
}

std::vector<v1::StatementSource> FrozenSources(Tx& tx, Month period, const std::string& payee) {
  std::vector<v1::StatementSource> out;
  for (auto& [body] : tx.Select<std::string>(
           "select body from locked_sources where period = :period and payee_id = :payee order by settlement_id, line_no limit 200000",
           {{"period", FormatMonth(period)}, {"payee", payee}})) {
    v1::StatementSource source;
    if (source.ParseFromString(FromBase64(body).value_or(""))) out.push_back(std::move(source));
  }
  return out;
}

void Freeze(Tx& tx, Month period, const std::string& payee, const Drawn& drawn) {
  v1::Statement frozen = drawn.statement;
  frozen.set_locked(true);
  tx.Stage(kStatements, {FormatMonth(period), payee, frozen.commission_fen(), frozen.hash(), ToBase64(frozen.SerializeAsString())});
  for (std::size_t i = 0; i < drawn.sources.size(); ++i) {
    tx.Stage(kSources, {FormatMonth(period), payee, drawn.versions[i].first, drawn.sources[i].line_no(), drawn.versions[i].second,
                        ToBase64(drawn.sources[i].SerializeAsString())});
  }
}

std::string HashOf(const Drawn& drawn) {
  const v1::Statement& s = drawn.statement;
  std::string text = s.period() + "|" + s.payee_id() + "|" + std::to_string(s.performance_fen()) + "\n";
  for (const auto& line : s.lines()) {
    text += line.rule() + "|" + line.plan() + "|" + std::to_string(line.plan_version()) + "|" + line.category() + "|" +
            std::to_string(line.carried_in_fen()) + "|" + std::to_string(line.own_fen()) + "|" + std::to_string(line.amount_fen()) + "|" +
            line.corrects_period() + "\n";
  }
  std::vector<std::string> sources;
  for (const auto& source : drawn.sources) {
    sources.push_back(source.settlement_no() + "|" + source.line_no() + "|" + std::to_string(source.line_fen()) + "|" +
                      std::to_string(source.share_bp()) + "|" + std::to_string(source.credited_fen()));
  }
  std::sort(sources.begin(), sources.end());
  return privacy::Sha256(text + Join(sources, "\n"));
}

}  // namespace renxin::commissions::statements
