#pragma once
// Wrong passwords in a row under one user name, whether or not there is such an account: nobody learns from the pauses which names there
// are.

#include <string>

#include "shared/db/aged.h"
#include "shared/runtime/context.h"

namespace renxin::identity::attempts {

// Until when no password is checked under that name; in the past: one is. kTooManyRequests with how long to wait.
Status Check(Tx& tx, const Environment& env, const std::string& username, Instant now);
// One more. Counts right when several come at the same moment.
void RecordFailure(Tx& tx, const Environment& env, const std::string& username, Instant now);
// The right one came, or a new one was set.
void Forget(Tx& tx, const Environment& env, const std::string& username);

// A day after the last of them they are forgotten.
inline constexpr db::Aged kAged{.table = "attempts", .at = "failed_at"};
inline constexpr std::chrono::hours kKept{24};

}  // namespace renxin::identity::attempts
