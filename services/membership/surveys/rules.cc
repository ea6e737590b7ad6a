#include "services/membership/surveys/rules.h"

#include <array>

namespace renxin::membership::surveys {

std::string_view Name(Satisfaction satisfaction) {
  static constexpr std::array<std::string_view, 6> kNames{"", "非常不满意", "不满意", "一般", "满意", "非常满意"};
  return kNames.at(static_cast<std::size_t>(satisfaction));
}

Status CheckTime(Instant answered_at, Instant now) { return CheckHappened("answered_at", answered_at, now, EntryPath::kRoute); }

}  // namespace renxin::membership::surveys
