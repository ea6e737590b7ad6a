#pragma once
#include "shared/intake/kind.h"

namespace renxin::leads::customers {

// customers.csv (IMPORT.md).
intake::KindSpec ImportKind();

}  // namespace renxin::leads::customers
