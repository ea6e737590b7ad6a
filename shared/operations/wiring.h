#pragma once
// Adds OperationService (docs: proto/renxin/operations/v1) and the runner to a service whose contract hosts it.

#include <string>
#include <vector>

#include "shared/operations/runner.h"
#include "shared/runtime/service.h"

namespace renxin::operations {

void Install(runtime::Service& service, std::vector<Type> types);

// For rpcs that begin one: as OperationService answers it. The type must be installed.
v1::Operation Describe(Tx& tx, const Operation& op);

}  // namespace renxin::operations
