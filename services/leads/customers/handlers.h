#pragma once
#include "renxin/leads/v1/customers.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::customers {

Result<v1::Customer> GetCustomer(Tx& tx, const CallContext& ctx, const v1::GetCustomerRequest& req);
Result<v1::RevealedCustomer> RevealCustomer(Tx& tx, const CallContext& ctx, const v1::RevealCustomerRequest& req);
Result<v1::CountCustomersResponse> CountCustomers(Tx& tx, const CallContext& ctx, const v1::CountCustomersRequest& req);
Result<v1::ResolveCustomersResponse> ResolveCustomers(Tx& tx, const CallContext& ctx, const v1::ResolveCustomersRequest& req);

}  // namespace renxin::leads::customers
