#pragma once
#include "shared/intake/kind.h"

namespace renxin::leads::appointments {

// appointments.csv (IMPORT.md).
intake::KindSpec ImportKind();

}  // namespace renxin::leads::appointments
