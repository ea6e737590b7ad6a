#pragma once
// Staff and their moves by the rules of today (shared/runtime/doctor.h).

#include <vector>

#include "shared/runtime/doctor.h"

namespace renxin::identity::doctor {

std::vector<runtime::NamedCheck> Checks();

}  // namespace renxin::identity::doctor
