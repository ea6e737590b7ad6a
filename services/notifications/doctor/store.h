#pragma once
// Members as membership says, and templates by the rules of today (shared/runtime/doctor.h).

#include <vector>

#include "shared/runtime/doctor.h"

namespace renxin::notifications::doctor {

std::vector<runtime::NamedCheck> Checks();

}  // namespace renxin::notifications::doctor
