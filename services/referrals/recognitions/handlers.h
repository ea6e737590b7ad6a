#pragma once
#include "renxin/referrals/v1/referrals.pb.h"
#include "shared/runtime/context.h"

namespace renxin::referrals::recognitions {

Result<v1::Recognition> GetRecognition(Tx& tx, const CallContext& ctx, const v1::GetRecognitionRequest& req);
Result<v1::ListRecognitionsResponse> ListRecognitions(Tx& tx, const CallContext& ctx, const v1::ListRecognitionsRequest& req);
Result<v1::ControlTotal> GetControlTotal(Tx& tx, const CallContext& ctx, const v1::GetControlTotalRequest& req);

}  // namespace renxin::referrals::recognitions
