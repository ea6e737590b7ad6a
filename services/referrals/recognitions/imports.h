#pragma once
#include "shared/intake/engine.h"

namespace renxin::referrals::recognitions {

intake::KindSpec Attributions();

}  // namespace renxin::referrals::recognitions
