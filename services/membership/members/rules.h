#pragma once
// Who is a member (M1), what they have (M2) and of which class they are (M3): a pure function of the set of
// facts, so that the order and the number of deliveries cannot matter.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/membership/complaints/rules.h"
#include "services/membership/surveys/rules.h"
#include "shared/core/money.h"
#include "shared/core/time.h"

namespace renxin::membership::members {

using surveys::Satisfaction;

enum class Class : std::uint8_t { kNone = 0, kAAA = 1, kAA = 2, kA = 3, kB = 4, kC = 5, kJ = 6 };
// AAA, AA …; `none` for nobody.
std::string_view Name(Class member_class);

struct Line {
  std::string category;
  std::int64_t quantity = 1;
};

// The highest version that is known of a settlement.
struct Settlement {
  std::string id;
  std::string source;
  bool sale = false;
  std::string course_no;
  // Nothing: still in treatment, counts nowhere (L7).
  std::optional<Instant> settled_at;
  // The hospital's day of it (G3).
  Day settled_on;
  // Of a refund: negative.
  Fen total = 0;
  std::vector<Line> lines;
};

struct Answer {
  std::string id;
  Satisfaction satisfaction = Satisfaction::kNone;
  Instant at;
};

struct Dispute {
  std::string id;
  Instant opened_at;
  std::optional<Instant> resolved_at;
  complaints::Outcome outcome = complaints::Outcome::kNone;
  // After a repair.
  Satisfaction satisfaction = Satisfaction::kNone;
};

struct Facts {
  std::vector<Settlement> settlements;
  std::vector<Answer> answers;
  std::vector<Dispute> disputes;
};

struct Policy {
  std::vector<std::string> noninvasive{"aesthetic_noninvasive"};
  std::vector<std::string> skin_packages{"skin_package"};
  std::vector<std::string> skin_courses{"skin_course"};
  int settlements = 2;
  bool noninvasive_stands_alone = false;
  std::int64_t course_sessions = 6;
  int sale_days = 2;
  Fen net_spend = 28'000'00;
  Satisfaction lowest = Satisfaction::kFair;
};

struct Factor {
  bool met = false;
  std::string reason;
};

struct Standing {
  // Nothing: no purchase stands, nobody is a member.
  std::optional<Instant> since;
  std::string source;
  Factor a;
  Factor b;
  Factor c;
  Fen net_spend = 0;
  bool dispute_open = false;
  Class member_class = Class::kNone;
  std::string class_reason;
};

Factor FactorA(const std::vector<Settlement>& settlements, const Policy& policy);
Factor FactorB(const std::vector<Settlement>& settlements, const Policy& policy);
// The latest satisfaction, of a survey or of a repair.
Factor FactorC(const Facts& facts, const Policy& policy);
Standing Evaluate(const Facts& facts, const Policy& policy);

}  // namespace renxin::membership::members
