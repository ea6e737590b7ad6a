#pragma once
#include "renxin/leads/v1/persons.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::contacts {

Result<v1::GetContactsResponse> GetContacts(Tx& tx, const CallContext& ctx, const v1::GetContactsRequest& req);

}  // namespace renxin::leads::contacts
