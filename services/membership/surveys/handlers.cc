#include "services/membership/surveys/handlers.h"

#include "services/membership/members/refresh.h"
#include "services/membership/surveys/store.h"
#include "shared/core/text.h"

namespace renxin::membership::surveys {
namespace {

constexpr int kPage = 50;

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
  const int limit = req.page_size() == 0 ? kPage : req.page_size();
  v1::ListSurveysResponse out;
  for (const Survey& survey : Of(tx, req.customer_id(), req.page_token(), limit)) *out.add_surveys() = ToProto(survey);
  if (out.surveys_size() == limit) out.set_next_page_token(out.surveys(limit - 1).id());
  return out;
}

}  // namespace renxin::membership::surveys
