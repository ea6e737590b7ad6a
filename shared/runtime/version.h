#pragma once
// Optimistic locking: the caller says which version of a record it has seen.

#include "shared/runtime/context.h"

namespace renxin::runtime {

// For handlers of rpcs with `if_match`, right after the row was loaded for update and found to be in scope: refuses (412,
// naming the current version) when the caller has seen another one. Without `If-Match`, or with `*`, nothing is asked.
Status CheckVersion(const CallContext& ctx, std::int64_t current);

}  // namespace renxin::runtime
