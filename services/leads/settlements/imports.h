#pragma once
#include "shared/intake/kind.h"

namespace renxin::leads::settlements {

// settlements.csv (IMPORT.md).
intake::KindSpec ImportKind();

}  // namespace renxin::leads::settlements
