#pragma once
#include "shared/runtime/service.h"

namespace renxin::notifications {

// What runs by itself: shipped policy and templates, the birthday worker, sending, and what the status tells.
void Install(runtime::Service& service);

}  // namespace renxin::notifications
