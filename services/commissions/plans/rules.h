#pragma once
// Plans as values (C2, C3, C7, C8) and what a table pays on a total.

#include <string>
#include <vector>

#include "shared/core/money.h"
#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::commissions::plans {

// The numbers are those of TableMode in the contract.
enum class Mode : std::uint8_t { kUnspecified = 0, kMarginal = 1, kSlab = 2 };

// [from, next from); the last has no end.
struct Bracket {
  Fen from = 0;
  int rate_bp = 0;
};

struct Table {
  std::string rule;  // C3, C7
  Mode mode = Mode::kUnspecified;
  std::vector<Bracket> brackets;
};

struct ItemRate {
  std::string rule;  // C8
  std::string category;
  int rate_bp = 0;
};

struct Plan {
  std::string code;
  std::int64_t version = 0;
  Table table;
  std::vector<ItemRate> items;
  std::vector<std::string> excluded;  // categories with a price of their own: not in the table's base
  std::vector<std::string> not_covered;
  bool courses_count_at_close = false;  // C1
};

// C2: the mode is stated, brackets start at 0, rise without a gap or a repetition; a category has one rate.
Status Check(const Plan& plan);

struct Part {
  Fen from = 0;    // lower end of the bracket
  Fen amount = 0;  // what of the base lies in it; all of it for a slab
  int rate_bp = 0;
};
struct Paid {
  std::vector<Part> parts;
  Fen amount = 0;
};

// The table on the total of a period, rounded once (G2). A total of zero or below pays nothing (C1).
Paid Apply(const Table& table, Fen base);
// The same for a plain rate.
Paid ApplyRate(int rate_bp, Fen base);

// C2, G7: a version never takes effect inside a locked period (409), nor more than a year from `today` (400).
Status MayTakeEffect(Day from, Day today, const std::vector<Month>& locked);

// Sample amounts for the preview: each bracket's limit, a fen either side, and twice the last (C2).
std::vector<Fen> Samples(const Table& table);

// As shipped (C3; C7 with the rates of C8).
Plan DefaultPlanA();
Plan DefaultPlanB();

}  // namespace renxin::commissions::plans
