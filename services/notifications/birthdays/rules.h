#pragma once
// Who is greeted on a birthday, and how (N2, N3, M4); which day the worker runs next.

#include <optional>
#include <string>

#include "services/notifications/policy/rules.h"
#include "shared/core/time.h"

namespace renxin::notifications::birthdays {

struct Member {
  MemberClass member_class = MemberClass::kNone;
  bool dispute_open = false;
};

struct Plan {
  std::string channel;  // empty: no greeting, for the reason
  std::string template_code;
  std::string why_not;
  bool operator==(const Plan&) const = default;
};

// `member` is null for who is none.
Plan PlanFor(const Member* member, bool marketing_consent, const Policy& policy);

// N2: the day to run at `now`, or when to look again. Days on which the worker was down are caught up on, oldest first, a
// month back at most. `last` is the latest day that was run and is not in the future.
struct Next {
  std::optional<Day> run;
  Instant look_again;
};
Next NextRun(std::optional<Day> last, Instant now, const Zone& zone, const Policy& policy);

}  // namespace renxin::notifications::birthdays
