#pragma once
// Facts, plans and frozen statements by the rules of today (shared/runtime/doctor.h).

#include <vector>

#include "shared/runtime/doctor.h"

namespace renxin::commissions::doctor {

std::vector<runtime::NamedCheck> Checks();

}  // namespace renxin::commissions::doctor
