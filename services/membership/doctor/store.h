#pragma once
// Settlement facts and answers to surveys by the rules of today (shared/runtime/doctor.h).

#include <vector>

#include "shared/runtime/doctor.h"

namespace renxin::membership::doctor {

std::vector<runtime::NamedCheck> Checks();

}  // namespace renxin::membership::doctor
