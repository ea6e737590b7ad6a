#pragma once
#include <vector>

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/runtime/service.h"

namespace renxin::referrals {

std::vector<db::Migration> AllMigrations();
// Imports, roster and the alias map of customers.
void Install(runtime::Service& service);
// Keeps which customer an outside number stands for.
Status OnCustomer(Tx& tx, const EventContext& ctx, const leads::v1::CustomerRegistered& event);

}  // namespace renxin::referrals
