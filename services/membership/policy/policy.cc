#include "services/membership/policy/policy.h"

#include "renxin/membership/v1/membership_policy.pb.h"
#include "services/membership/members/refresh.h"
#include "shared/core/entry.h"

namespace renxin::membership::policy {
namespace {

std::vector<std::string> ToList(const google::protobuf::RepeatedPtrField<std::string>& values) { return {values.begin(), values.end()}; }

}  // namespace

v1::MembershipPolicy PolicySpec::Default() {
  const members::Policy members;
  const points::Policy points;
  v1::MembershipPolicy policy;
  for (const std::string& category : members.noninvasive) policy.add_noninvasive_categories(category);
  for (const std::string& category : members.skin_packages) policy.add_skin_package_categories(category);
  for (const std::string& category : members.skin_courses) policy.add_skin_course_categories(category);
  policy.set_settlements(members.settlements);
  policy.set_noninvasive_stands_alone(members.noninvasive_stands_alone);
  policy.set_course_sessions(static_cast<std::int32_t>(members.course_sessions));
  policy.set_sale_days(members.sale_days);
  policy.set_net_spend_fen(members.net_spend);
  policy.set_lowest_satisfaction(static_cast<v1::Satisfaction>(members.lowest));
  policy.set_fen_per_point(points.fen_per_point);
  policy.set_points_months(points.months);
  for (const char* reason : {"service", "goods"}) policy.add_redemption_reasons(reason);
  for (const char* reason : {"mistaken", "not_delivered", "returned"}) policy.add_reversal_reasons(reason);
  return policy;
}

Status PolicySpec::Check(Tx& /*tx*/, const Policy& policy) {
  RETURN_IF_ERROR(CheckCodes("policy.noninvasive_categories", "M2", ToList(policy.noninvasive_categories())));
  RETURN_IF_ERROR(CheckCodes("policy.skin_package_categories", "M2", ToList(policy.skin_package_categories())));
  RETURN_IF_ERROR(CheckCodes("policy.skin_course_categories", "M2", ToList(policy.skin_course_categories())));
  RETURN_IF_ERROR(CheckCodes("policy.redemption_reasons", "M7", ToList(policy.redemption_reasons())));
  return CheckCodes("policy.reversal_reasons", "M7", ToList(policy.reversal_reasons()));
}

void PolicySpec::Follow(Tx& tx, const Environment& env, std::int64_t version, Day from) {
  members::ScheduleReview(tx, version, env.zone.StartOf(from));
}

members::Policy ForMembers(const v1::MembershipPolicy& policy) {
  return {.noninvasive = ToList(policy.noninvasive_categories()),
          .skin_packages = ToList(policy.skin_package_categories()),
          .skin_courses = ToList(policy.skin_course_categories()),
          .settlements = policy.settlements(),
          .noninvasive_stands_alone = policy.noninvasive_stands_alone(),
          .course_sessions = policy.course_sessions(),
          .sale_days = policy.sale_days(),
          .net_spend = policy.net_spend_fen(),
          .lowest = static_cast<surveys::Satisfaction>(policy.lowest_satisfaction())};
}

points::Policy ForPoints(const v1::MembershipPolicy& policy) { return {policy.fen_per_point(), policy.points_months()}; }

}  // namespace renxin::membership::policy
