#include "services/identity/sessions/rules.h"

#include <algorithm>

namespace renxin::identity::sessions {

std::chrono::seconds Pause(std::int64_t failures) {
  constexpr std::int64_t kFree = 4;
  if (failures <= kFree) return std::chrono::seconds(0);
  return std::chrono::seconds(std::min<std::int64_t>(300, std::int64_t{1} << std::min<std::int64_t>(failures - kFree - 1, 9)));
}

}  // namespace renxin::identity::sessions
