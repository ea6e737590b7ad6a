#pragma once
#include "renxin/leads/v1/persons.pb.h"
#include "renxin/notifications/v1/notifications.pb.h"
#include "shared/runtime/service_client.h"

namespace renxin::notifications::birthdays {

using Fetched = leads::v1::FindBirthdaysResponse;

// Page by page, so that it does not matter how many they are.
Result<v1::BirthdayCount> PreflightCount(runtime::ServiceClient& client, const CallContext& ctx, const v1::CountBirthdaysRequest& req);
Result<Fetched> PreflightList(runtime::ServiceClient& client, const CallContext& ctx, const v1::ListBirthdaysRequest& req);

Result<v1::BirthdayCount> CountBirthdays(Tx& tx, const CallContext& ctx, const v1::CountBirthdaysRequest& req,
                                         const v1::BirthdayCount& counted);
Result<v1::ListBirthdaysResponse> ListBirthdays(Tx& tx, const CallContext& ctx, const v1::ListBirthdaysRequest& req,
                                                const Fetched& fetched);

}  // namespace renxin::notifications::birthdays
