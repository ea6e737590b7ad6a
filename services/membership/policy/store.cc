#include "services/membership/policy/store.h"

#include "shared/db/stored.h"

namespace renxin::membership::policy {
namespace {

constexpr std::string_view kKind = "membership";

std::vector<std::string> ToList(const google::protobuf::RepeatedPtrField<std::string>& values) { return {values.begin(), values.end()}; }

}  // namespace

v1::MembershipPolicy DefaultPolicy() {
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

void SeedDefaults(Tx& tx, const TimerContext& ctx) {
  const Day first = MakeDay(1900, 1, 1);
  if (db::PolicyOn(tx, kKind, first)) return;
  db::AddPolicy(tx, kKind, first, "shipped", DefaultPolicy().SerializeAsString(), ctx.now);
}

Version Add(Tx& tx, const v1::MembershipPolicy& policy, Day effective_from, const std::string& approver, Instant now) {
  db::AddPolicy(tx, kKind, effective_from, approver, policy.SerializeAsString(), now);
  Version newest;
  const Book book(tx);
  for (const Version& one : book.versions()) {
    if (one.version > newest.version) newest = one;
  }
  db::AppendHistory(tx, {"membership_policy", std::string(kKind), now, approver, "", "version " + std::to_string(newest.version),
                         "effective from " + FormatDay(effective_from)});
  return newest;
}

Book::Book(Tx& tx) : shipped_(DefaultPolicy()) {
  for (const db::PolicyRow& row : db::PolicyRows(tx, kKind)) {
    Version one{.version = row.version, .effective_from = {}, .approver = row.approver, .policy = {}};
    const auto day = ParseDay(row.effective_from);
    if (!day || !one.policy.ParseFromString(row.body)) {
      db::ReportUnreadable("policies", std::string(kKind) + "/" + std::to_string(row.version));
      continue;
    }
    one.effective_from = *day;
    versions_.push_back(std::move(one));
  }
}

const v1::MembershipPolicy& Book::On(Day day) const {
  for (const Version& one : versions_) {
    if (one.effective_from <= day) return one.policy;
  }
  return shipped_;
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
