#pragma once
#include "shared/intake/kind.h"

namespace renxin::referrals::recognitions {

intake::KindSpec ImportKind();

}  // namespace renxin::referrals::recognitions
