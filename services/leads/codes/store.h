#pragma once
// The codes that files have brought (channels, sources, departments …): what is new is reported, so that policy can be completed.

#include <set>
#include <string>

#include "shared/intake/kind.h"

namespace renxin::leads::codes {

// Those of `codes` that were never seen before are known from now on and stand in the batch's report: `campaign=spring`.
void Report(Tx& tx, intake::Batch& batch, const std::string& kind, const std::set<std::string>& codes);

}  // namespace renxin::leads::codes
