#pragma once
// A dispute's way: open → investigating → resolved, with an outcome (M11).

#include <optional>
#include <string_view>

#include "services/membership/surveys/rules.h"
#include "shared/core/result.h"

namespace renxin::membership::complaints {

enum class State : std::uint8_t { kNone = 0, kOpen = 1, kInvestigating = 2, kResolved = 3 };
enum class Outcome : std::uint8_t { kNone = 0, kRepaired = 1, kRefunded = 2, kCompensated = 3, kUnfounded = 4 };

std::string_view Name(State state);
std::string_view Name(Outcome outcome);

Result<State> Investigate(State from);

struct Resolution {
  Outcome outcome = Outcome::kNone;
  surveys::Satisfaction satisfaction = surveys::Satisfaction::kNone;
};
// A repair names the satisfaction it ended with, and nothing else does (M3).
Result<State> Resolve(State from, const Resolution& resolution);

}  // namespace renxin::membership::complaints
