#pragma once
// When a course may be closed and opened again (L7, C1), as pure functions.

#include <optional>

#include "shared/core/entry.h"

namespace renxin::leads::courses {

// The time it closes at: `asked`, or now. Refused when it is closed already or the time lies ahead.
Result<Instant> Close(const std::optional<Instant>& closed_at, const std::optional<Instant>& requested, Instant now);
// Refused when it is under way.
Status Reopen(const std::optional<Instant>& closed_at);

}  // namespace renxin::leads::courses
