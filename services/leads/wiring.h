#pragma once
#include <vector>

#include "shared/runtime/service.h"

namespace renxin::leads {

std::vector<db::Migration> AllMigrations();
// Policy, imports, the roster, and what belongs to persons; the rooms' other rpcs stand in main.cc.
void Install(runtime::Service& service);

}  // namespace renxin::leads
