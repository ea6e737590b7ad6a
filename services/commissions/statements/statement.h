#pragma once
// A statement (C12) in plain data: as it is computed, and as it was frozen.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/commissions/statements/rules.h"

namespace renxin::commissions::statements {

// A settlement line that counts in the period, as it is checked by hand.
struct Source {
  std::string settlement_id;  // with the version: to tell later what has changed; empty where it was frozen
  std::int64_t version = 0;
  std::string settlement_no;
  std::string line_no;
  std::string category;
  std::string settled_on;  // YYYY-MM-DD
  Fen line_fen = 0;
  int share_bp = 0;
  Fen credited_fen = 0;
  std::string rule;
  std::string course_closed_on;  // C1: where it counts because its course closed, the day
};

struct Statement {
  std::string period;  // YYYY-MM
  std::string payee_id;
  std::string staff_no;
  std::string source;
  bool locked = false;
  bool history = false;
  Fen performance = 0;
  std::vector<Line> lines;
  std::map<std::string, Fen> totals;  // by rule, also of rules by which nothing was earned
  Fen commission = 0;
  Fen in_open_courses = 0;
  std::vector<std::string> not_covered;
  std::vector<std::string> unreadable_rows;  // `table: id`
  std::int64_t source_count = 0;
  std::string hash;
  std::vector<Source> sources;
  // What is carried into the next period; of a computed one.
  Carry carry{};
};

}  // namespace renxin::commissions::statements
