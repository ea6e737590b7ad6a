#pragma once
// A statement as a pure function of plan and facts (C1, C12, C13). No order of facts matters.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/commissions/plans/rules.h"
#include "shared/core/time.h"

namespace renxin::commissions::statements {

// What of a settlement line is credited to the payee.
struct Credit {
  std::string settlement_id;
  std::string settlement_no;
  std::string line_no;
  std::string category;
  std::int64_t version = 0;
  Instant recorded_at;
  Day settled_on;
  Fen line_fen = 0;
  int share_bp = 0;
  Fen credited_fen = 0;
  // Of the course it belongs to, if any; without a day the course is under way.
  std::string course_no;
  std::optional<Day> course_closed_on;
};

// C1: the day a credit counts on under the plan of its settled day: then, or where the plan counts courses
// at their close, when the course closed, if that is later. Nothing while the course is under way.
std::optional<Day> CountsOn(const Credit& credit, const plans::Plan* plan);

// One share of a customer's credit on a day.
struct Share {
  std::string id;
  std::string rep_id;
  int share_bp = 0;
  std::int64_t rank = 0;
  Day from;
  std::optional<Day> until;  // included
  // A claim made at the desk: credits this visit's settlements alone.
  std::string visit_id;
};

// The shares that hold for a settlement, in the order of G2: imported ones by rank, then the desk's
// claim for what is left of the whole. At most 10,000 in all.
std::vector<Share> SharesFor(const std::vector<Share>& of_customer, Day day, const std::string& visit_id);

// The payee's part of one line, by G2, the hospital's own part last.
Fen CreditOf(Fen line_fen, const std::vector<Share>& shares, const std::string& payee, int* share_bp);

// The plan that holds for the payee on a day; null when none does.
using PlanOn = std::function<const plans::Plan*(Day)>;

struct Line {
  std::string rule;
  std::string plan;
  std::int64_t plan_version = 0;
  std::string category;
  Fen carried_in = 0;
  Fen own = 0;
  Fen carried_out = 0;
  plans::Mode mode = plans::Mode::kUnspecified;
  plans::Paid paid;
  std::string explanation;
  // C13
  std::string corrects;
  Fen should_be = 0;
  Fen was = 0;

  Fen base() const { return own + carried_in; }
};

// What is below zero at the end of a period, by `table` or `item:<category>`.
using Carry = std::map<std::string, Fen>;

struct MonthResult {
  Fen performance = 0;
  std::vector<Line> lines;
  Carry carry;
  // For rule names that the plan has though nothing was earned by them.
  std::vector<std::string> rules;
  std::vector<std::string> not_covered;
  Fen total() const;
};

// One month: `credits` are those that count in it. A total below zero pays nothing and is carried on (C1);
// what counts under two plans is two parts, each under its own table (C19 as C2's dates require it).
MonthResult ComputeMonth(const std::vector<Credit>& credits, const PlanOn& plan_on, Month month, const Carry& carried_in);

// A month whose carry is known: the chain begins behind it.
struct ChainStart {
  Month closed;
  Carry carry;
};
// All months from the first credit, or from `start`, to `last`, each with what the one before carried on. C13: nothing is carried into the
// first period, what lies before it is history.
std::map<Month, MonthResult> ComputeChain(const std::vector<Credit>& credits, const PlanOn& plan_on, Month last,
                                          std::optional<Month> first_period = std::nullopt,
                                          const std::optional<ChainStart>& start = std::nullopt);

// C13: what a locked period should have paid less what it and its corrections paid, as one line; `causes` in words.
Line Correction(Month locked, Fen should_be, Fen was, const std::vector<std::string>& causes);

// Where somebody works, from a day on until the next begins.
struct EmploymentPeriod {
  std::string from;  // YYYY-MM-DD
  std::string department;
  std::string group_no;
  std::string supervisor_no;
  std::string plan;
  bool operator==(const EmploymentPeriod&) const = default;
};
// C13: the moves by which the days of `locked` have come to differ from what was known when it was locked, in words: whose, from which
// day, from what to what. Both ascending by day.
std::vector<std::string> MovesSince(const std::string& staff_id, const std::vector<EmploymentPeriod>& then,
                                    const std::vector<EmploymentPeriod>& now, Month locked);

// What a settlement was credited with when its period was locked, and what it is credited with now.
struct CreditedSettlement {
  std::string settlement_no;
  std::int64_t version = 0;
  Fen credited = 0;
  Instant recorded_at;  // now: when this version of it was recorded
};
// C13: the settlements that are new, gone, of another version, recognised late or otherwise shared since `locked_at`, by number; both by
// settlement id.
std::vector<std::string> SettlementsSince(const std::map<std::string, CreditedSettlement>& then,
                                          const std::map<std::string, CreditedSettlement>& now, Instant locked_at);

}  // namespace renxin::commissions::statements
