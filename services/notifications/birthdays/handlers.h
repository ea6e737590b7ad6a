#pragma once
#include "renxin/leads/v1/persons.pb.h"
#include "renxin/notifications/v1/notifications.pb.h"
#include "shared/runtime/service_client.h"

namespace renxin::notifications::birthdays {

using Fetched = leads::v1::FindBirthdaysResponse;

Result<Fetched> PreflightCount(runtime::ServiceClient& client, const CallContext& ctx, const v1::CountBirthdaysRequest& req);
Result<Fetched> PreflightList(runtime::ServiceClient& client, const CallContext& ctx, const v1::ListBirthdaysRequest& req);

Result<v1::BirthdayCount> CountBirthdays(Tx& tx, const CallContext& ctx, const v1::CountBirthdaysRequest& req, const Fetched& fetched);
Result<v1::ListBirthdaysResponse> ListBirthdays(Tx& tx, const CallContext& ctx, const v1::ListBirthdaysRequest& req,
                                                const Fetched& fetched);

}  // namespace renxin::notifications::birthdays
