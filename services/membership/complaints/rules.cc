#include "services/membership/complaints/rules.h"

#include <array>
#include <string>

namespace renxin::membership::complaints {
namespace {

Error NoWay(State from, State to) {
  return WrongState("M11: from " + std::string(Name(from)) + " there is no way to " + std::string(Name(to)));
}

}  // namespace

std::string_view Name(State state) {
  static constexpr std::array<std::string_view, 4> kNames{"", "open", "investigating", "resolved"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view Name(Outcome outcome) {
  static constexpr std::array<std::string_view, 5> kNames{"", "repaired", "refunded", "compensated", "unfounded"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

Result<State> Investigate(State from) {
  if (from != State::kOpen) return NoWay(from, State::kInvestigating);
  return State::kInvestigating;
}

Result<State> Resolve(State from, const Resolution& resolution) {
  if (from != State::kInvestigating) return NoWay(from, State::kResolved);
  const bool rated = resolution.satisfaction != surveys::Satisfaction::kNone;
  if (resolution.outcome == Outcome::kRepaired && !rated)
    return RuleBroken("satisfaction", "M3", "a repair names the satisfaction it ended with");
  if (resolution.outcome != Outcome::kRepaired && rated) return RuleBroken("satisfaction", "M3", "belongs to the outcome repaired alone");
  return State::kResolved;
}

}  // namespace renxin::membership::complaints
