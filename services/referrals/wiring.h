#pragma once
#include <vector>

#include "shared/runtime/service.h"

namespace renxin::leads::v1 {
class CustomerRegistered;
}

namespace renxin::referrals {

std::vector<db::Migration> AllMigrations();
// Imports, roster and the alias map of customers.
void Install(runtime::Service& service);
// Keeps which customer an outside number stands for.
Status OnCustomer(Tx& tx, const EventContext& ctx, const leads::v1::CustomerRegistered& event);

}  // namespace renxin::referrals
