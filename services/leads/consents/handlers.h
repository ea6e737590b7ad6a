#pragma once
#include "renxin/leads/v1/persons.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::consents {

Result<v1::CustomerConsents> RecordConsent(Tx& tx, const CallContext& ctx, const v1::RecordConsentRequest& req);
Result<v1::CustomerConsents> ListConsents(Tx& tx, const CallContext& ctx, const v1::ListConsentsRequest& req);

}  // namespace renxin::leads::consents
