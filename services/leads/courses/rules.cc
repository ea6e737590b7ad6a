#include "services/leads/courses/rules.h"

namespace renxin::leads::courses {

Result<Instant> Close(const std::optional<Instant>& closed_at, const std::optional<Instant>& requested, Instant now) {
  if (closed_at) return WrongState("L7: the course was closed at " + FormatTime(*closed_at));
  if (requested) RETURN_IF_ERROR(CheckHappened("closed_at", *requested, now, EntryPath::kRoute));
  return requested.value_or(now);
}

Status Reopen(const std::optional<Instant>& closed_at) {
  if (!closed_at) return WrongState("L7: the course is under way");
  return Ok{};
}

}  // namespace renxin::leads::courses
