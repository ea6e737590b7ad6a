#include "services/leads/policy/policy.h"

#include "renxin/leads/v1/leads_policy.pb.h"
#include "services/leads/policy/rules.h"
#include "shared/core/phone.h"

namespace renxin::leads {

namespace {
constexpr int kStaleLeadDays = 180;
}  // namespace

v1::LeadsPolicy PolicySpec::Default() {
  v1::LeadsPolicy policy;
  for (const std::string& channel : policy::Channels()) policy.add_channels(channel);
  for (const std::string& category : policy::Categories()) policy.add_categories(category);
  for (const std::string& payer : policy::Payers()) policy.add_payers(payer);
  policy.set_default_region("CN");
  policy.set_stale_lead_days(kStaleLeadDays);
  return policy;
}

Status PolicySpec::Check(Tx& /*tx*/, const Policy& policy) {
  RETURN_IF_ERROR(policy::Check({ToList(policy.channels()), ToList(policy.categories()), ToList(policy.payers())}));
  if (!IsPhoneRegion(policy.default_region())) return InvalidField("policy.default_region", "G4", "no region of phone numbers");
  return Ok{};
}

v1::LeadsPolicy PolicyAt(Tx& tx, Instant now, const Environment& env) { return policies::On<PolicySpec>(tx, env.zone.DayOf(now)); }

int StaleLeadDays(const v1::LeadsPolicy& policy) { return policy.stale_lead_days() == 0 ? kStaleLeadDays : policy.stale_lead_days(); }
PhoneRules PhoneRulesOf(const v1::LeadsPolicy& policy) {
  return {.region = policy.default_region(), .service_numbers = !policy.service_numbers_refused()};
}

std::vector<std::string> ToList(const google::protobuf::RepeatedPtrField<std::string>& values) { return {values.begin(), values.end()}; }

}  // namespace renxin::leads
