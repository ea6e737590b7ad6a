#include "services/membership/surveys/handlers.h"

#include "services/membership/members/refresh.h"
#include "services/membership/surveys/store.h"
#include "shared/core/text.h"

namespace renxin::membership::surveys {
namespace {

v1::Survey ToProto(const Survey& survey) {
  v1::Survey out;
  out.set_id(survey.id);
  out.set_customer_id(survey.customer_id);
  out.set_satisfaction(static_cast<v1::Satisfaction>(survey.satisfaction));
  out.set_answered_at(FormatTime(survey.answered_at));
  out.set_recorded_by(survey.recorded_by);
  return out;
}

}  // namespace

Result<v1::Survey> RecordSurvey(Tx& tx, const CallContext& ctx, const v1::RecordSurveyRequest& req) {
  Survey survey{.id = NewId(), .customer_id = req.customer_id()};
  survey.satisfaction = static_cast<Satisfaction>(req.satisfaction());
  survey.answered_at = ctx.now;
  survey.recorded_by = ctx.caller.username;
  if (!req.answered_at().empty()) {
    ASSIGN_OR_RETURN(survey.answered_at, ParseTime(req.answered_at()));
  }
  RETURN_IF_ERROR(CheckTime(survey.answered_at, ctx.now));
  members::Row row = members::Lock(tx, survey.customer_id, ctx.now);
  Insert(tx, survey, ctx.now);
  members::Refresh(tx, ctx.env, std::move(row), {members::FactKind::kSurvey, survey.id, ctx.caller.username}, ctx.now);
  return ToProto(survey);
}

Result<v1::ListSurveysResponse> ListSurveys(Tx& tx, const CallContext& /*ctx*/, const v1::ListSurveysRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kSurveyList, req));
  const contract::Paged<Survey> page = Of(tx, req.customer_id(), asked);
  v1::ListSurveysResponse out;
  for (const Survey& survey : page.rows) *out.add_surveys() = ToProto(survey);
  out.set_next_page_token(page.next_page_token);
  return out;
}

}  // namespace renxin::membership::surveys
