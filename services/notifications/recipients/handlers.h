#pragma once
#include "renxin/notifications/v1/notifications.pb.h"
#include "shared/runtime/service.h"

namespace renxin::notifications::recipients {

// Whether leads knows the customer; asked before the transaction.
struct Known {
  bool customer = false;
};
Result<Known> AskForOptOut(runtime::Asker& asker, const CallContext& ctx, const v1::OptOutRequest& req);
Result<Known> AskForOptIn(runtime::Asker& asker, const CallContext& ctx, const v1::OptInRequest& req);

Result<v1::Recipient> GetRecipient(Tx& tx, const CallContext& ctx, const v1::GetRecipientRequest& req);
Result<v1::Recipient> OptOut(Tx& tx, const CallContext& ctx, const v1::OptOutRequest& req, const Known& known);
Result<v1::Recipient> OptIn(Tx& tx, const CallContext& ctx, const v1::OptInRequest& req, const Known& known);

}  // namespace renxin::notifications::recipients
