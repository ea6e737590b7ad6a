#pragma once
#include "renxin/leads/v1/persons.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::birthdays {

Result<v1::ConfirmedBirthday> ConfirmBirthday(Tx& tx, const CallContext& ctx, const v1::ConfirmBirthdayRequest& req);
Result<v1::FindBirthdaysResponse> FindBirthdays(Tx& tx, const CallContext& ctx, const v1::FindBirthdaysRequest& req);

}  // namespace renxin::leads::birthdays
