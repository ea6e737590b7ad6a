#pragma once
// What a new version of the policy must be, beyond what each field allows.

#include <string>
#include <vector>

#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::membership::policy {

// What happened up to today was counted under the versions in force: a new one begins tomorrow at the earliest.
Status CheckBegin(Day effective_from, Day today);
// Codes of a list: not empty, short, none twice. The error's field names the entry: policy.reversal_reasons[2].
Status CheckCodes(const std::string& field, const std::vector<std::string>& codes);

}  // namespace renxin::membership::policy
