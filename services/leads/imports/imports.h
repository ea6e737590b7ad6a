#pragma once
// The kinds of import files that leads owns (IMPORT.md).

#include "shared/intake/engine.h"

namespace renxin::leads::imports {

intake::KindSpec Customers();
intake::KindSpec Leads();
intake::KindSpec Appointments();
intake::KindSpec Visits();
intake::KindSpec Settlements();

}  // namespace renxin::leads::imports
