#include "services/commissions/statements/store.h"

#include "renxin/identity/v1/identity_events.pb.h"
#include "services/commissions/facts/store.h"
#include "services/commissions/periods/store.h"
#include "services/commissions/statements/stored.h"

namespace renxin::commissions::statements {
namespace {

// How many computations a page of payees may cost beyond its rows.
constexpr int kLookedAtMost = 100;
constexpr int kRosterPage = 200;

std::string FrozenId(Month period, const std::string& payee) { return FormatMonth(period) + "/" + payee; }

std::vector<EmploymentPeriod> EmploymentOf(const identity::v1::StaffChanged& staff) {
  std::vector<EmploymentPeriod> out;
  for (const auto& period : staff.periods())
    out.push_back({period.from(), period.department(), period.group_no(), period.supervisor_no(), period.plan()});
  return out;
}

std::set<std::string> Known(Tx& tx, const std::string& sql, const std::vector<runtime::RosterEntry>& entries) {
  std::vector<std::string> ids;
  ids.reserve(entries.size());
  for (const runtime::RosterEntry& entry : entries) ids.push_back(entry.staff_id);
  std::set<std::string> known;
  for (auto& [id] : tx.SelectIn<std::string>(sql, ids)) known.insert(id);
  return known;
}

}  // namespace

StatementReader::StatementReader(Tx& tx, std::optional<Month> first_period)
    : tx_(tx), plans_(tx, &unreadable_), locked_(periods::LockedMonths(tx, &unreadable_)), first_period_(first_period) {
  if (const auto first = periods::LoadFirstPeriod(tx, &unreadable_)) first_period_ = first->month;
  common_ = unreadable_;
}

std::optional<Statement> StatementReader::Find(const std::string& payee, Month period) {
  const auto entry = runtime::StaffById(tx_, payee);
  if (!entry) return std::nullopt;
  if (!IsLocked(period)) return ComputeFor(*entry, period);
  auto statement = LoadFrozen(period, payee);
  if (statement) statement->sources = FrozenSources(tx_, period, payee, &unreadable_);
  return statement;
}

Statement StatementReader::ComputeFor(const runtime::RosterEntry& payee, Month period) {
  // Those that every statement lacks, then those of this payee.
  const std::vector<db::UnreadableRow> others = std::exchange(unreadable_, common_);
  if (!payee.readable) unreadable_.push_back({"roster", payee.staff_id});
  Inputs inputs{.payee = {payee.staff_id, payee.staff_no, payee.source}, .period = period, .history = IsHistory(period)};
  inputs.start = StartOf(payee, period);
  inputs.first_period = first_period_;
  inputs.credits = facts::CreditsOf(
      tx_, payee.staff_id, {.after = inputs.start ? std::optional(inputs.start->closed) : std::nullopt, .last = period}, &unreadable_);
  inputs.plan_on = [&](Day day) -> const plans::Plan* {
    const identity::v1::StaffPeriod* work = runtime::PeriodOn(*payee.snapshot, day);
    return work == nullptr ? nullptr : plans_.On(work->plan(), day);
  };
  const std::map<Month, MonthResult> chain = ChainOf(inputs);
  // Behind a closing that still holds there is nothing to correct.
  const std::vector<Line> corrections = inputs.start ? std::vector<Line>() : Corrections(payee, inputs, chain);
  Statement statement = Compute(inputs, chain.at(period), corrections, Names(unreadable_));
  for (const db::UnreadableRow& row : others) {
    if (std::find(unreadable_.begin(), unreadable_.end(), row) == unreadable_.end()) unreadable_.push_back(row);
  }
  return statement;
}

std::string StatementReader::StampOf(const runtime::RosterEntry& payee, Month closed) {
  std::string stamp = facts::StampOf(tx_, payee.staff_id, closed);
  const std::string end = FormatDay(FirstDay(closed.Plus(1)));
  for (const EmploymentPeriod& period : EmploymentOf(*payee.snapshot)) {
    if (period.from >= end) continue;
    stamp += " " + period.from + "|" + period.department + "|" + period.group_no + "|" + period.supervisor_no + "|" + period.plan;
  }
  return stamp;
}

std::optional<ChainStart> StatementReader::StartOf(const runtime::RosterEntry& payee, Month period) {
  if (locked_.empty()) {
    if (!first_period_ || period < *first_period_) return std::nullopt;
    return ChainStart{first_period_->Plus(-1), {}};
  }
  const Month closed = locked_.back();
  if (period <= closed) return std::nullopt;
  const db::Binds key{{"payee", payee.staff_id}, {"month", FormatMonth(closed)}};
  const auto stamp = tx_.First<std::string>("select stamp from closings where payee_id = :payee and month = :month", key);
  if (!stamp || std::get<0>(*stamp) != StampOf(payee, closed)) return std::nullopt;
  ChainStart start{closed, {}};
  for (auto& [rule_key, fen] : tx_.Select<std::string, std::int64_t>(
           "select rule_key, carry_fen from closing_carries where payee_id = :payee and month = :month limit 1000", key)) {
    start.carry[rule_key] = fen;
  }
  return start;
}

// What was paid for each locked month, by it and by its corrections.
std::map<Month, Fen> StatementReader::Paid(const std::string& payee) {
  std::map<Month, Fen> paid;
  for (const Month month : locked_) {
    const auto frozen = LoadFrozen(month, payee);
    if (!frozen) continue;
    for (const Line& line : frozen->lines) {
      const auto corrected = ParseMonth(line.corrects);
      paid[corrected ? *corrected : month] += line.paid.amount;
    }
  }
  return paid;
}

std::vector<Line> StatementReader::Corrections(const runtime::RosterEntry& payee, const Inputs& inputs,
                                               const std::map<Month, MonthResult>& chain) {
  std::vector<Line> lines;
  if (locked_.empty() || locked_.back().Plus(1) != inputs.period) return lines;
  for (const Difference& difference : Differences(chain, locked_, Paid(payee.staff_id), inputs.period))
    lines.push_back(Correction(difference.locked, difference.should_be, difference.was, Causes(payee, difference.locked, inputs)));
  return lines;
}

std::vector<std::string> StatementReader::Causes(const runtime::RosterEntry& payee, Month locked, const Inputs& inputs) {
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
    const auto source = ReadSource(id + "/" + line, body, &unreadable_);
    if (!source) continue;
    CreditedSettlement& settlement = then[id];
    settlement = {source->settlement_no, version, settlement.credited + source->credited_fen, {}};
  }
  std::map<std::string, CreditedSettlement> now;
  for (const Credit& credit : inputs.credits) {
    const auto counts_on = CountsOn(credit, inputs.plan_on(credit.settled_on));
    if (!counts_on || MonthOf(*counts_on) != locked) continue;
    CreditedSettlement& settlement = now[credit.settlement_id];
    settlement = {credit.settlement_no, credit.version, settlement.credited + credit.credited_fen, credit.recorded_at};
  }
  for (std::string& changed : SettlementsSince(then, now, lock ? lock->at : Instant{})) causes.push_back(std::move(changed));
  return causes;
}

std::optional<Statement> StatementReader::LoadFrozen(Month period, const std::string& payee) {
  const auto row = tx_.First<std::string>("select body from locked_statements where period = :period and payee_id = :payee",
                                          {{"period", FormatMonth(period)}, {"payee", payee}});
  if (!row) return std::nullopt;
  std::vector<db::UnreadableRow> unreadable;
  auto statement = ReadStatement(FrozenId(period, payee), std::get<0>(*row), &unreadable);
  if (statement) return statement;
  unreadable_.insert(unreadable_.end(), unreadable.begin(), unreadable.end());
  return Statement{.period = FormatMonth(period), .payee_id = payee, .locked = true, .unreadable_rows = Names(unreadable)};
}

bool StatementReader::IsCorrected(const runtime::RosterEntry& payee, Month period) {
  if (StartOf(payee, period)) return false;
  const Statement statement = ComputeFor(payee, period);
  return std::any_of(statement.lines.begin(), statement.lines.end(), [](const Line& line) { return !line.corrects.empty(); });
}

bool StatementReader::HasPlan(const runtime::RosterEntry& payee, Month period) const {
  const Day last = FirstDay(period.Plus(1)).Plus(-1);
  const identity::v1::StaffPeriod* work = runtime::PeriodOn(*payee.snapshot, last);
  const bool gone = !payee.snapshot->left_on().empty() && payee.snapshot->left_on() < FormatDay(FirstDay(period));
  return work != nullptr && !gone && plans_.On(work->plan(), last) != nullptr;
}

contract::Paged<runtime::RosterEntry> StatementReader::Payees(Month period, const std::string& source, const Scope& scope,
                                                              const contract::Page& page) {
  contract::Paged<runtime::RosterEntry> out;
  const bool corrects = !locked_.empty() && locked_.back().Plus(1) == period;
  int looked_at = 0;
  std::string after = page.Text(0);
  for (;;) {
    const std::vector<runtime::RosterEntry> entries = runtime::ListRoster(tx_, scope, source, after, kRosterPage);
    const auto credited = Known(tx_, "select distinct rep_id from recognition_facts where rep_id in (:keys)", entries);
    const auto paid_before = corrects ? Known(tx_, "select distinct payee_id from locked_statements where payee_id in (:keys)", entries)
                                      : std::set<std::string>();
    for (const runtime::RosterEntry& entry : entries) {
      if (static_cast<int>(out.rows.size()) == page.size() || looked_at == kLookedAtMost) {
        out.next_page_token = contract::PageToken(kStatementList, {after});
        return out;
      }
      after = entry.staff_id;
      if (!entry.readable) unreadable_.push_back({"roster", entry.staff_id});
      bool is_payee = HasPlan(entry, period) || credited.contains(entry.staff_id);
      if (!is_payee && paid_before.contains(entry.staff_id)) {
        ++looked_at;
        is_payee = IsCorrected(entry, period);
      }
      if (is_payee) out.rows.push_back(entry);
    }
    if (entries.size() < static_cast<std::size_t>(kRosterPage)) return out;
  }
}

std::vector<Source> FrozenSources(Tx& tx, Month period, const std::string& payee, std::vector<db::UnreadableRow>* unreadable) {
  std::vector<Source> out;
  for (auto& [id, line, body] : tx.Select<std::string, std::string, std::string>(
           "select settlement_id, line_no, body from locked_sources where period = :period and payee_id = :payee "
           "order by settlement_id, line_no limit 200000",
           {{"period", FormatMonth(period)}, {"payee", payee}})) {
    if (auto source = ReadSource(id + "/" + line, body, unreadable)) out.push_back(std::move(*source));
  }
  return out;
}

std::vector<std::string> Names(const std::vector<db::UnreadableRow>& rows) {
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const db::UnreadableRow& row : rows) out.push_back(row.table + ": " + row.id);
  return out;
}

}  // namespace renxin::commissions::statements
