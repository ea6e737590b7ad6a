#pragma once
#include <vector>

#include "shared/runtime/service.h"

namespace renxin::referrals {

std::vector<db::Migration> AllMigrations();
// Imports, roster and the alias map of customers.
void Install(runtime::Service& service);

}  // namespace renxin::referrals
