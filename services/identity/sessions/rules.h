#pragma once
// How long a user name is kept waiting after wrong passwords, and how long a sign-in can be refreshed.

#include <optional>

#include "shared/core/time.h"

namespace renxin::identity::sessions {

// After `failures` in a row: none for the first four, then 1 s, doubling, at most 5 minutes. No permanent lock, so that
// nobody can lock somebody else out for good.
std::chrono::seconds Pause(std::int64_t failures);

// A shift with its breaks goes on without a password; a machine that was left alone over night does not.
inline constexpr std::chrono::hours kIdleLimit{12};
// However busy it is, a session ends after a month: a token that was stolen unnoticed does not serve for ever.
inline constexpr std::chrono::hours kWholeLimit{30 * 24};

// The sign-in that a refresh token came of.
struct Family {
  Instant started_at;
  Instant used_at;  // the sign-in or the last refresh
  std::optional<Instant> ended_at{};
};

enum class Verdict {
  kRotate,
  kReused,  // the token was used before: somebody has a copy
  kEnded,   // signed out, ended for a reason, or too late
};
Verdict JudgeRefresh(const Family& family, bool token_used, Instant now);

// Until when a token that is given out now can be used (exclusive).
Instant RefreshableUntil(Instant started_at, Instant now);

}  // namespace renxin::identity::sessions
