#pragma once
// The policy of membership: versions, each in force from a day until a later one is; the shipped one is written
// at the first start.

#include <string>
#include <vector>

#include "renxin/membership/v1/membership_policy.pb.h"
#include "services/membership/members/rules.h"
#include "services/membership/points/rules.h"
#include "shared/runtime/context.h"

namespace renxin::membership::policy {

struct Version {
  std::int64_t version = 0;
  Day effective_from;
  std::string approver;
  v1::MembershipPolicy policy;
};

v1::MembershipPolicy DefaultPolicy();
void SeedDefaults(Tx& tx, const TimerContext& ctx);
// Answers the version as it stands now.
Version Add(Tx& tx, const v1::MembershipPolicy& policy, Day effective_from, const std::string& approver, Instant now);

// All versions, to ask which holds on a day.
class Book {
 public:
  explicit Book(Tx& tx);
  // The one that takes effect last first.
  const std::vector<Version>& versions() const& { return versions_; }
  void versions() const&& = delete;
  const v1::MembershipPolicy& On(Day day) const;

 private:
  std::vector<Version> versions_;
  v1::MembershipPolicy shipped_;
};

members::Policy ForMembers(const v1::MembershipPolicy& policy);
points::Policy ForPoints(const v1::MembershipPolicy& policy);

}  // namespace renxin::membership::policy
