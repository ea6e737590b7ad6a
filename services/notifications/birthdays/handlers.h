#pragma once
#include "renxin/leads/v1/leads_persons.pb.h"
#include "renxin/notifications/v1/notifications.pb.h"
#include "shared/runtime/service.h"

namespace renxin::notifications::birthdays {

using Asked = leads::v1::FindBirthdaysResponse;

Result<Asked> AskForCount(runtime::Asker& asker, const CallContext& ctx, const v1::CountBirthdaysRequest& req);
Result<Asked> AskForList(runtime::Asker& asker, const CallContext& ctx, const v1::ListBirthdaysRequest& req);

Result<v1::BirthdayCount> CountBirthdays(Tx& tx, const CallContext& ctx, const v1::CountBirthdaysRequest& req, const Asked& asked);
Result<v1::ListBirthdaysResponse> ListBirthdays(Tx& tx, const CallContext& ctx, const v1::ListBirthdaysRequest& req, const Asked& asked);

}  // namespace renxin::notifications::birthdays
