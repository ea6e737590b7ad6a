#pragma once
// What becomes of a message: its states (N6), and what is looked at again at the moment of sending (N3).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/notifications/birthdays/rules.h"
#include "services/notifications/policy/rules.h"
#include "shared/core/time.h"

namespace renxin::notifications::sending {

// The numbers are those of MessageState.
enum class State : std::uint8_t {
  kScheduled = 1,
  kClaimed = 2,
  kAccepted = 3,
  kDelivered = 4,
  kFailed = 5,
  kExpired = 6,
  kUnknown = 7,
  kHeld = 8,
  kDropped = 9,
};
std::string_view NameOf(State state);

// N6: accepted is not delivered, and what is over stays over.
bool MayMove(State from, State to);

// What is known of a message without asking anybody.
struct Facts {
  bool task = false;
  bool marketing = true;
  bool greeting = true;
  std::optional<Instant> expires_at;
  // How they would be greeted today; of a greeting alone.
  birthdays::Plan plan;
  int person_today = 0;  // messages of every kind to this customer
  // To everybody.
  int suite_last_hour = 0;
};

enum class Verdict : std::uint8_t { kGo, kDefer, kDrop, kExpire };
struct Judgement {
  Verdict verdict = Verdict::kGo;
  std::string reason;
  Instant until;  // of kDefer
};
Judgement Judge(const Facts& facts, const Policy& policy, Instant now, const Zone& zone);

// What is known once leads has said which phone and which name it would go to.
struct ReachFacts {
  bool marketing = true;
  bool counts = false;   // against the caps: marketing that is neither a greeting nor a task
  bool stopped = false;  // a stop of the phone or the person is in force
  bool had_it = false;   // for the same occasion, under another record of the same name and phone
  // Marketing that went to this phone and counts.
  int marketing_today = 0;
  int marketing_this_month = 0;
};
Judgement JudgeReach(const ReachFacts& facts, const Policy& policy, Instant now, const Zone& zone);

// What leads says of them at that moment.
struct Contact {
  bool known = false;
  bool has_phone = false;
  bool marketing_consent = false;
  bool deceased = false;
  bool compassion = false;
};
// Why nothing goes to them; nothing when it may.
std::optional<std::string> NotTo(const Contact& contact, bool task, bool marketing);

// What a channel says of a key it was asked about.
enum class Trace : std::uint8_t { kAccepted, kNeverSeen, kCannotTell };
// N6: an unknown message is never blindly sent again.
State StateAfterLookup(Trace trace, const Policy& policy);

}  // namespace renxin::notifications::sending
