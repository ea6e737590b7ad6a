#pragma once
// What a hospital may choose about messages (shared/policies), as the rules read it.

#include "services/notifications/policy/rules.h"
#include "shared/policies/policy.h"

namespace renxin::notifications::v1 {
class ChangePolicyRequest;
class ListPolicyVersionsResponse;
class NotificationsPolicy;
class PolicyChanged;
class PolicyVersion;
}  // namespace renxin::notifications::v1

namespace renxin::notifications {

struct PolicySpec {
  using Policy = v1::NotificationsPolicy;
  using Version = v1::PolicyVersion;
  using Versions = v1::ListPolicyVersionsResponse;
  using Change = v1::ChangePolicyRequest;
  using Changed = v1::PolicyChanged;
  static constexpr std::string_view kService = "notifications";
  static constexpr policies::Begins kBegins = policies::Begins::kToday;
  static Policy Default();
  static Status Check(Tx& tx, const Policy& policy);
  static void Follow(Tx& /*tx*/, const Environment& /*env*/, std::int64_t /*version*/, Day /*from*/) {}
};

Policy PolicyOn(Tx& tx, Day day);

Policy FromProto(const v1::NotificationsPolicy& body);
v1::NotificationsPolicy ToProto(const Policy& policy);

}  // namespace renxin::notifications
