#pragma once
#include "shared/intake/kind.h"

namespace renxin::leads::consultations {

// leads.csv (IMPORT.md).
intake::KindSpec ImportKind();

}  // namespace renxin::leads::consultations
