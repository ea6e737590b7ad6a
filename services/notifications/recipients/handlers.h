#pragma once
#include "renxin/leads/v1/persons.pb.h"
#include "renxin/notifications/v1/notifications.pb.h"
#include "shared/runtime/service_client.h"

namespace renxin::notifications::recipients {

// What leads knows of the customer, asked before the transaction; without an id: nothing.
using Contact = leads::v1::Contact;
Result<Contact> PreflightRecipient(runtime::ServiceClient& client, const CallContext& ctx, const v1::GetRecipientRequest& req);
Result<Contact> PreflightOptOut(runtime::ServiceClient& client, const CallContext& ctx, const v1::OptOutRequest& req);

Result<v1::Recipient> GetRecipient(Tx& tx, const CallContext& ctx, const v1::GetRecipientRequest& req, const Contact& contact);
Result<v1::Recipient> OptOut(Tx& tx, const CallContext& ctx, const v1::OptOutRequest& req, const Contact& contact);

}  // namespace renxin::notifications::recipients
