#pragma once
#include "renxin/leads/v1/persons.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::marks {

Result<v1::CustomerMarks> MarkCustomer(Tx& tx, const CallContext& ctx, const v1::MarkCustomerRequest& req);
Result<v1::CustomerMarks> GetMarks(Tx& tx, const CallContext& ctx, const v1::GetMarksRequest& req);

}  // namespace renxin::leads::marks
