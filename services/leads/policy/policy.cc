#include "services/leads/policy/policy.h"

#include "services/leads/policy/rules.h"

namespace renxin::leads {

namespace {
constexpr int kStaleLeadDays = 180;
}  // namespace

v1::LeadsPolicy DefaultPolicy() {
  v1::LeadsPolicy shipped;
  for (const std::string& channel : policy::Channels()) shipped.add_channels(channel);
  for (const std::string& category : policy::Categories()) shipped.add_categories(category);
  for (const std::string& payer : policy::Payers()) shipped.add_payers(payer);
  shipped.set_default_region("CN");
  shipped.set_stale_lead_days(kStaleLeadDays);
  return shipped;
}

void SeedPolicy(Tx& tx, const TimerContext& ctx) {
  const Day first = MakeDay(1900, 1, 1);
  if (db::PolicyOn(tx, "leads", first)) return;
  db::AddPolicy(tx, "leads", first, "shipped", DefaultPolicy().SerializeAsString(), ctx.now);
}

v1::LeadsPolicy PolicyAt(Tx& tx, Instant now, const Environment& env) {
  v1::LeadsPolicy policy;
  if (db::ReadPolicyOn(tx, "leads", env.zone.DayOf(now), &policy)) return policy;
  return DefaultPolicy();
}

int StaleLeadDays(const v1::LeadsPolicy& policy) { return policy.stale_lead_days() == 0 ? kStaleLeadDays : policy.stale_lead_days(); }
PhoneRules PhoneRulesOf(const v1::LeadsPolicy& policy) {
  return {.region = policy.default_region(), .service_numbers = !policy.service_numbers_refused()};
}

std::vector<std::string> ToList(const google::protobuf::RepeatedPtrField<std::string>& values) { return {values.begin(), values.end()}; }

}  // namespace renxin::leads
