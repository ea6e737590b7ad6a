#include "services/notifications/birthdays/rules.h"

#include <algorithm>

namespace renxin::notifications::birthdays {
namespace {
// Who was down for longer has lost those greetings anyway, and a clock that was a year ahead has not used up the year.
constexpr int kCatchUpDays = 31;
}  // namespace

Plan PlanFor(const Member* member, bool marketing_consent, const Policy& policy) {
  if (member == nullptr) return {"", "", "not a member"};
  if (member->member_class == MemberClass::kJ) return {"", "", "N3: class J"};
  if (member->dispute_open) return {"", "", "N3: a dispute is open"};
  if (!marketing_consent) return {"", "", "P2: no consent to marketing"};
  for (const Greeting& greeting : policy.greetings) {
    if (greeting.member_class == member->member_class) return {greeting.channel, greeting.template_code, ""};
  }
  return {"", "", "M4: this class is not greeted"};
}

Next NextRun(std::optional<Day> last, Instant now, const Zone& zone, const Policy& policy) {
  const Day today = zone.DayOf(now);
  const Day next = last ? std::max(last->Plus(1), today.Plus(-kCatchUpDays)) : today;
  const Instant due = zone.At(next, policy.birthday_minute);
  if (next <= today && now >= due) return {next, now};
  return {std::nullopt, due};
}

}  // namespace renxin::notifications::birthdays
