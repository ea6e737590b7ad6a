#pragma once
// The suite's wall clock. In test builds the file RENXIN_CLOCK_FILE holds an offset in seconds that
// shifts all processes together; durations use the steady clock and are not touched.

#include "shared/core/time.h"

namespace renxin::runtime {

Instant Now();

}  // namespace renxin::runtime
