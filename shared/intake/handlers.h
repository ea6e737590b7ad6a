#pragma once
#include "shared/intake/engine.h"

namespace renxin::intake {

// The rpcs of ImportService; `engine` must outlive the service.
// The type of its operations.
inline constexpr const char* kImportType = "import";

void InstallHandlers(runtime::Service& service, const Engine& engine);

// What an import adds to its operation.
void DescribeImport(Tx& tx, const operations::Operation& op, operations::v1::Operation* out);

}  // namespace renxin::intake
