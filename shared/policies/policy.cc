#include "shared/policies/policy.h"

namespace renxin::policies {
Status CheckBegin(Begins begins, Day effective_from, Day today) {
  if (effective_from > today || (effective_from == today && begins == Begins::kToday)) return Ok{};
  const std::string from = begins == Begins::kToday ? "must not be before today, " : "must be after today, ";
  return InvalidField("effective_from", "policy", from + FormatDay(today));
}

}  // namespace renxin::policies
