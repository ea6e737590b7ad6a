#pragma once
#include "shared/intake/engine.h"

namespace renxin::identity::staff {

intake::KindSpec StaffFile();
intake::KindSpec MovesFile();

}  // namespace renxin::identity::staff
