#pragma once
// The policy in force on a day; the shipped one is written at the first start. A version is followed, never edited.

#include <optional>
#include <string>

#include "renxin/notifications/v1/notifications_policy.pb.h"
#include "services/notifications/policy/rules.h"
#include "shared/runtime/context.h"

namespace renxin::notifications {

struct PolicyRow {
  std::int64_t version = 0;
  std::string effective_from;
  std::string approver;
  v1::NotificationsPolicy body;
};

void SeedPolicy(Tx& tx, const TimerContext& ctx);
std::optional<PolicyRow> PolicyRowOn(Tx& tx, Day day);
Policy PolicyOn(Tx& tx, Day day);

Policy FromProto(const v1::NotificationsPolicy& body);
v1::NotificationsPolicy ToProto(const Policy& policy);

}  // namespace renxin::notifications
