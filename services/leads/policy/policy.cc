#include "services/leads/policy/policy.h"

namespace renxin::leads {

v1::LeadsPolicy ShippedPolicy() {
  v1::LeadsPolicy policy;
  for (const char* channel : {"phone", "online", "walk_in", "referral", "member_get_member", "campaign", "enterprise"})
    policy.add_channels(channel);
  for (const char* category : {"aesthetic_noninvasive", "aesthetic_surgery", "skin_package", "skin_course", "dental", "gynaecology",
                               "obstetrics_natural", "obstetrics_caesarean", "confinement_package", "postpartum_recovery", "lithotripsy",
                               "stone_surgery", "work_injury", "checkup", "health_certificate", "internal_medicine", "other"}) {
    policy.add_categories(category);
  }
  for (const char* payer : {"self", "social_insurance", "work_injury_fund", "commercial_insurance", "employer"}) policy.add_payers(payer);
  policy.set_default_region("CN");
  return policy;
}

void EnsurePolicy(Tx& tx, const TimerContext& ctx) {
  const Day first = MakeDay(1900, 1, 1);
  if (db::PolicyOn(tx, "leads", first)) return;
  db::AddPolicy(tx, "leads", first, "shipped", ShippedPolicy().SerializeAsString(), ctx.now);
}

v1::LeadsPolicy PolicyAt(Tx& tx, Instant now, const Environment& env) {
  v1::LeadsPolicy policy;
  if (const auto body = db::PolicyOn(tx, "leads", env.zone.DayOf(now)); body && policy.ParseFromString(*body)) return policy;
  return ShippedPolicy();
}

std::vector<std::string> ToList(const google::protobuf::RepeatedPtrField<std::string>& values) { return {values.begin(), values.end()}; }

}  // namespace renxin::leads
