#pragma once
// The funnel (L2) as pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/entry.h"
#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::leads::consultations {

// The numbers are those of LeadState in the contract.
enum class State : std::uint8_t {
  kUnspecified = 0,
  kNew = 1,
  kContacted = 2,
  kAppointed = 3,
  kArrived = 4,
  kWon = 5,
  kLost = 6,
  kInvalid = 7
};

std::string_view Name(State state);
// new … arrived: still to be won or lost.
bool IsOpen(State state);

struct Funnel {
  State state = State::kNew;
  // What `reopen` goes back to.
  State before = State::kNew;
  std::string reason;
};

// L2: forward, skipping allowed; lost and invalid from any open state with a reason; kNew stands for
// `reopen`, back to the state before lost. Everything else is refused with the state it is in.
Result<Funnel> Move(const Funnel& from, State to, std::string_view reason);

// What a route or a row says of a consultation (L1).
struct Consultation {
  std::string channel;
  std::string source;
  std::string campaign;
  std::string project;
  std::string city;
  Instant consulted_at;
};
// As it is kept, when every entry path takes it.
Result<Consultation> CheckConsultation(Consultation typed, const std::vector<std::string>& channels, Instant now, EntryPath path);

// A fact (an appointment, an arrival, a settled purchase) moves an open lead forward, never back, and
// leaves a lost or invalid one alone: applied in any order the result is the same.
State Advance(State state, State fact);

// L3: an open lead of a customer, however it came.
struct OpenLead {
  Instant consulted_at;
  Instant touched_at;  // the last time anybody did anything with it
};

// L3: which of a customer's open leads a further consultation is a touch on: of those that were touched within the last
// `stale_days` days the latest consulted, of two the later in the list. None: the consultation makes a lead of its own, and all
// of these are lost.
std::optional<std::size_t> LeadForTouch(const std::vector<OpenLead>& open, Instant now, int stale_days);

}  // namespace renxin::leads::consultations
