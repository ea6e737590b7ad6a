#pragma once
// What a hospital may choose about members and points (shared/policies).

#include "services/membership/members/rules.h"
#include "services/membership/points/rules.h"
#include "shared/policies/policy.h"

namespace renxin::membership::v1 {
class ChangePolicyRequest;
class ListPolicyVersionsResponse;
class MembershipPolicy;
class PolicyChanged;
class PolicyVersion;
}  // namespace renxin::membership::v1

namespace renxin::membership::policy {

struct PolicySpec {
  using Policy = v1::MembershipPolicy;
  using Version = v1::PolicyVersion;
  using Versions = v1::ListPolicyVersionsResponse;
  using Change = v1::ChangePolicyRequest;
  using Changed = v1::PolicyChanged;
  static constexpr std::string_view kService = "membership";
  // A class is that of a day.
  static constexpr policies::Begins kBegins = policies::Begins::kTomorrow;
  static Policy Default();
  static Status Check(Tx& tx, const Policy& policy);
  // Every member is looked at again when the day has come.
  static void Follow(Tx& tx, const Environment& env, std::int64_t version, Day from);
};

using History = policies::History<PolicySpec>;

members::Policy ForMembers(const v1::MembershipPolicy& policy);
points::Policy ForPoints(const v1::MembershipPolicy& policy);

}  // namespace renxin::membership::policy
