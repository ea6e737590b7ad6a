#pragma once
// What a hospital may choose about leads (shared/policies).

#include "shared/core/phone.h"
#include "shared/policies/policy.h"

namespace google::protobuf {
template <typename Element>
class RepeatedPtrField;
}
namespace renxin::leads::v1 {
class ChangePolicyRequest;
class LeadsPolicy;
class ListPolicyVersionsResponse;
class PolicyChanged;
class PolicyVersion;
}  // namespace renxin::leads::v1

namespace renxin::leads {

struct PolicySpec {
  using Policy = v1::LeadsPolicy;
  using Version = v1::PolicyVersion;
  using Versions = v1::ListPolicyVersionsResponse;
  using Change = v1::ChangePolicyRequest;
  using Changed = v1::PolicyChanged;
  static constexpr std::string_view kService = "leads";
  static constexpr policies::Begins kBegins = policies::Begins::kToday;
  static Policy Default();
  static Status Check(Tx& tx, const Policy& policy);
  static void Follow(Tx& /*tx*/, const Environment& /*env*/, std::int64_t /*version*/, Day /*from*/) {}
};

v1::LeadsPolicy PolicyAt(Tx& tx, Instant now, const Environment& env);
// L3.
int StaleLeadDays(const v1::LeadsPolicy& policy);
// G4: how phones are read.
PhoneRules PhoneRulesOf(const v1::LeadsPolicy& policy);
std::vector<std::string> ToList(const google::protobuf::RepeatedPtrField<std::string>& values);

}  // namespace renxin::leads
