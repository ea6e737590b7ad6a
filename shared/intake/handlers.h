#pragma once
#include "shared/intake/engine.h"

namespace renxin::intake {

// The rpcs of ImportService; `engine` must outlive the service.
void InstallHandlers(runtime::Service& service, const Engine& engine);

}  // namespace renxin::intake
