#pragma once
// Consents, marks, birthdays and contacts (PersonService).

#include "renxin/leads/v1/persons.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::customers {

Result<v1::CustomerConsents> RecordConsent(Tx& tx, const CallContext& ctx, const v1::RecordConsentRequest& req);
Result<v1::CustomerConsents> ListConsents(Tx& tx, const CallContext& ctx, const v1::ListConsentsRequest& req);
Result<v1::CustomerMarks> MarkCustomer(Tx& tx, const CallContext& ctx, const v1::MarkCustomerRequest& req);
Result<v1::CustomerMarks> GetMarks(Tx& tx, const CallContext& ctx, const v1::GetMarksRequest& req);
Result<v1::ConfirmedBirthday> ConfirmBirthday(Tx& tx, const CallContext& ctx, const v1::ConfirmBirthdayRequest& req);
Result<v1::FindBirthdaysResponse> FindBirthdays(Tx& tx, const CallContext& ctx, const v1::FindBirthdaysRequest& req);
Result<v1::GetContactsResponse> GetContacts(Tx& tx, const CallContext& ctx, const v1::GetContactsRequest& req);

}  // namespace renxin::leads::customers
