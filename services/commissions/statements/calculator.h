#pragma once
// A statement as a pure function of what its store has read (C12): no clock, no database.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/commissions/statements/statement.h"

namespace renxin::commissions::statements {

struct Payee {
  std::string id;
  std::string staff_no;
  std::string source;
};

// What one period needs of a payee.
struct Inputs {
  Payee payee;
  Month period;
  bool history = false;  // C13
  std::vector<Credit> credits;
  PlanOn plan_on;
  std::optional<Month> first_period{};
  // Where the chain of carries begins; without it at the first credit.
  std::optional<ChainStart> start{};
};

// C13: a locked month that should have been otherwise.
struct Difference {
  Month locked;
  Fen should_be = 0;
  Fen was = 0;
};
// What `chain` says of each locked month against what was paid for it, by month. Only the period behind the last locked one has any.
std::vector<Difference> Differences(const std::map<Month, MonthResult>& chain, const std::vector<Month>& locked,
                                    const std::map<Month, Fen>& paid, Month period);

std::map<Month, MonthResult> ChainOf(const Inputs& inputs);

// The period's statement; `corrections` are lines of it (C13).
Statement Compute(const Inputs& inputs, const MonthResult& month, const std::vector<Line>& corrections,
                  const std::vector<std::string>& unreadable_rows);

// SHA-256 over all figures of the statement and its sources, in a fixed text form.
std::string HashOf(const Statement& statement);

}  // namespace renxin::commissions::statements
