#include "services/leads/consultations/rules.h"

#include <array>

namespace renxin::leads::consultations {

std::string_view Name(State state) {
  static constexpr std::array<std::string_view, 8> kNames = {"", "new", "contacted", "appointed", "arrived", "won", "lost", "invalid"};
  return kNames.at(static_cast<std::size_t>(state));
}

bool IsOpen(State state) { return state >= State::kNew && state <= State::kArrived; }

Result<Funnel> Move(const Funnel& from, State to, std::string_view reason) {
  const auto refuse = [&](std::string_view why) {
    Error error = WrongState("L2: " + std::string(why) + "; the lead is " + std::string(Name(from.state)));
    error.fields.push_back({"to", "L2", std::string(why)});
    return error;
  };
  if (to == State::kNew) {
    if (from.state != State::kLost) return refuse("only a lost lead is reopened");
    return Funnel{from.before, from.before, ""};
  }
  if (!IsOpen(from.state)) return refuse("a lead that is closed does not move");
  if (to == State::kLost || to == State::kInvalid) {
    if (reason.empty()) return InvalidField("reason", "L2", "a reason is required");
    return Funnel{to, from.state, std::string(reason)};
  }
  if (to == State::kWon) return refuse("won is the first settled purchase, not a move");
  if (to <= from.state) return refuse("a lead never goes back");
  return Funnel{to, to, ""};
}

std::optional<std::size_t> LeadForTouch(const std::vector<OpenLead>& open, Instant now, int stale_days) {
  const Instant limit = now.Plus(-std::chrono::hours(24) * stale_days);
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (open[i].touched_at <= limit) continue;
    if (!found || open[i].consulted_at >= open[*found].consulted_at) found = i;
  }
  return found;
}

Result<Consultation> CheckConsultation(Consultation typed, const std::vector<std::string>& channels, Instant now, EntryPath path) {
  RETURN_IF_ERROR(CheckHappened("consulted_at", typed.consulted_at, now, path));
  RETURN_IF_ERROR(CheckOneOf("channel", typed.channel, channels));
  RETURN_IF_ERROR(CheckCode("source", &typed.source));
  RETURN_IF_ERROR(CheckCode("campaign", &typed.campaign));
  RETURN_IF_ERROR(CheckCode("project", &typed.project));
  RETURN_IF_ERROR(CheckCode("city", &typed.city));
  return typed;
}

State Advance(State state, State fact) {
  if (!IsOpen(state) && state != State::kWon) return state;
  return fact > state ? fact : state;
}

}  // namespace renxin::leads::consultations
