#pragma once
#include "shared/runtime/service.h"

namespace renxin::leads {

// The rpcs of the service, one line each.
void Register(runtime::Service& service);

}  // namespace renxin::leads
