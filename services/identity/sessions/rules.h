#pragma once
// How long a user name is kept waiting after wrong passwords: no permanent lock, so that nobody can lock
// somebody else out for good.

#include "shared/core/time.h"

namespace renxin::identity::sessions {

// After `failures` in a row: none for the first four, then 1 s, doubling, at most 5 minutes.
std::chrono::seconds Pause(std::int64_t failures);

}  // namespace renxin::identity::sessions
