#include "services/leads/courses/rules.h"

namespace renxin::leads::courses {

Result<Instant> Close(const std::optional<Instant>& closed_at, const std::optional<Instant>& asked, Instant now) {
  if (closed_at) return WrongState("L7: the course was closed at " + FormatTime(*closed_at));
  if (asked) RETURN_IF_ERROR(CheckHappened("closed_at", *asked, now, EntryPath::kRoute));
  return asked.value_or(now);
}

Status Reopen(const std::optional<Instant>& closed_at) {
  if (!closed_at) return WrongState("L7: the course is under way");
  return Ok{};
}

}  // namespace renxin::leads::courses
