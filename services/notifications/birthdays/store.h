#pragma once
// Which days the birthday worker ran, and how far.

#include <optional>
#include <string>

#include "shared/runtime/context.h"

namespace renxin::notifications::birthdays {

struct Run {
  Day day;
  std::string cursor;
};

// One that was begun and not finished.
std::optional<Run> Unfinished(Tx& tx);
// The latest day that was run, of those up to `today`.
std::optional<Day> LastRun(Tx& tx, Day today);
// False when there is one already.
bool Begin(Tx& tx, Day day, Instant now);
// False when another has gone on from `cursor` meanwhile. Empty `next`: done.
bool Continue(Tx& tx, const Run& run, const std::string& next, int found, int made, Instant now);

}  // namespace renxin::notifications::birthdays
