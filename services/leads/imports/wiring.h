#pragma once
#include <vector>

#include "shared/runtime/service.h"

namespace renxin::leads::imports {

// The tables of imports and of leads, in order.
std::vector<db::Migration> AllMigrations();
// The import kinds of leads, and the roster they refer to.
void Install(runtime::Service& service);

}  // namespace renxin::leads::imports
