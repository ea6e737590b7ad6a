#include "services/notifications/sending/rules.h"

#include <algorithm>
#include <chrono>

namespace renxin::notifications::sending {
namespace {

constexpr std::chrono::minutes kBreakerPause{5};

// N3: who is not greeted at all. A greeting whose class has none any more says why.
std::optional<std::string> NotThem(const Facts& facts) {
  if (facts.greeting && facts.plan.channel.empty()) return facts.plan.why_not;
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(State state) {
  switch (state) {
    case State::kScheduled:
      return "scheduled";
    case State::kClaimed:
      return "claimed";
    case State::kAccepted:
      return "accepted";
    case State::kDelivered:
      return "delivered";
    case State::kFailed:
      return "failed";
    case State::kExpired:
      return "expired";
    case State::kUnknown:
      return "unknown";
    case State::kHeld:
      return "held";
    case State::kDropped:
      return "dropped";
  }
  return "";
}

bool MayMove(State from, State to) {
  const auto one_of = [to](std::initializer_list<State> states) { return std::find(states.begin(), states.end(), to) != states.end(); };
  switch (from) {
    case State::kScheduled:
      return one_of({State::kClaimed, State::kExpired, State::kDropped});
    // Back to scheduled only by who claimed it and knows that nothing was handed over.
    case State::kClaimed:
      return one_of({State::kAccepted, State::kFailed, State::kDropped, State::kScheduled, State::kUnknown});
    case State::kUnknown:
      return one_of({State::kAccepted, State::kFailed, State::kScheduled, State::kHeld});
    case State::kHeld:
      return one_of({State::kScheduled, State::kDropped});
    case State::kAccepted:
      return one_of({State::kDelivered, State::kFailed, State::kExpired});
    default:
      return false;
  }
}

Judgement Judge(const Facts& facts, const Policy& policy, Instant now, const Zone& zone) {
  if (facts.expires_at && now >= *facts.expires_at) return {Verdict::kExpire, "N2: its day is over", {}};
  if (auto why = NotThem(facts)) return {Verdict::kDrop, *why, {}};
  const Day today = zone.DayOf(now);
  const Instant opens = zone.At(today, policy.marketing_from_minute);
  const Instant opens_tomorrow = zone.At(today.Plus(1), policy.marketing_from_minute);
  if (facts.marketing) {
    if (now < opens) return {Verdict::kDefer, "N3: quiet hours", opens};
    if (now >= zone.At(today, policy.marketing_until_minute)) return {Verdict::kDefer, "N3: quiet hours", opens_tomorrow};
  }
  if (facts.task) return {};
  if (facts.person_today >= policy.person_per_day) return {Verdict::kDrop, "N3: too many messages to one person in a day", {}};
  if (facts.suite_last_hour >= policy.suite_per_hour) return {Verdict::kDefer, "N3: the breaker is open", now.Plus(kBreakerPause)};
  return {};
}

Judgement JudgeReach(const ReachFacts& facts, const Policy& policy, Instant now, const Zone& zone) {
  if (facts.marketing && facts.stopped) return {Verdict::kDrop, "N3: opted out", {}};
  if (facts.had_it) return {Verdict::kDrop, "N6: the same person had it under another record", {}};
  if (!facts.counts) return {};
  if (facts.marketing_this_month >= policy.marketing_per_month) return {Verdict::kDrop, "N3: enough marketing this month", {}};
  if (facts.marketing_today >= policy.marketing_per_day) {
    return {Verdict::kDefer, "N3: enough marketing today", zone.At(zone.DayOf(now).Plus(1), policy.marketing_from_minute)};
  }
  return {};
}

std::optional<std::string> NotTo(const Contact& contact, bool task, bool marketing) {
  if (!contact.known) return "the customer is not known any more";
  if (marketing && !contact.marketing_consent) return "P2: no consent to marketing";
  // Which mark it is stands with the customer, for those who may read it.
  if (marketing && (contact.deceased || contact.compassion)) return "N3: marked not to be greeted";
  if (!task && !contact.has_phone) return "no phone";
  return std::nullopt;
}

State StateAfterLookup(Trace trace, const Policy& policy) {
  if (trace == Trace::kAccepted) return State::kAccepted;
  if (trace == Trace::kNeverSeen) return State::kScheduled;
  return policy.resend_unknown ? State::kScheduled : State::kHeld;
}

}  // namespace renxin::notifications::sending
