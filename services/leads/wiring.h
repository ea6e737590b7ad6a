#pragma once
#include <vector>

#include "shared/runtime/service.h"

namespace renxin::leads {

std::vector<db::Migration> AllMigrations();
// Policy, imports, the roster, and the rpcs of all modules.
void Install(runtime::Service& service);

}  // namespace renxin::leads
