#pragma once
#include "renxin/membership/v1/membership.pb.h"
#include "shared/runtime/context.h"

namespace renxin::membership::surveys {

Result<v1::Survey> RecordSurvey(Tx& tx, const CallContext& ctx, const v1::RecordSurveyRequest& req);
Result<v1::ListSurveysResponse> ListSurveys(Tx& tx, const CallContext& ctx, const v1::ListSurveysRequest& req);

}  // namespace renxin::membership::surveys
