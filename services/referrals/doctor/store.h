#pragma once
// Recognitions and visits of the desk by the rules of today (shared/runtime/doctor.h).

#include <vector>

#include "shared/runtime/doctor.h"

namespace renxin::referrals::doctor {

std::vector<runtime::NamedCheck> Checks();

}  // namespace renxin::referrals::doctor
