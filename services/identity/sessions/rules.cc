#include "services/identity/sessions/rules.h"

#include <algorithm>

namespace renxin::identity::sessions {

std::chrono::seconds Pause(std::int64_t failures) {
  constexpr std::int64_t kFree = 4;
  if (failures <= kFree) return std::chrono::seconds(0);
  return std::chrono::seconds(std::min<std::int64_t>(300, std::int64_t{1} << std::min<std::int64_t>(failures - kFree - 1, 9)));
}

Verdict JudgeRefresh(const Family& family, bool token_used, Instant now) {
  // First: a second use is a theft, whatever became of the session meanwhile.
  if (token_used) return Verdict::kReused;
  if (family.ended_at || now >= RefreshableUntil(family.started_at, family.used_at)) return Verdict::kEnded;
  return Verdict::kRotate;
}

Instant RefreshableUntil(Instant started_at, Instant now) { return std::min(started_at.Plus(kWholeLimit), now.Plus(kIdleLimit)); }

}  // namespace renxin::identity::sessions
