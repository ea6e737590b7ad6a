#pragma once
#include "shared/intake/kind.h"

namespace renxin::leads::visits {

// visits.csv (IMPORT.md).
intake::KindSpec ImportKind();

}  // namespace renxin::leads::visits
