#include "services/notifications/members/reactions.h"
#include "services/notifications/members/store.h"
#include "services/notifications/testing/house.h"
#include "shared/testing/delivery.h"

namespace renxin::notifications {
namespace {

class DeliveryTest : public testing::House {};
RENXIN_ON_BOTH_DATABASES(DeliveryTest);

TEST_P(DeliveryTest, M3_of_a_member_the_highest_version_stands) {
  renxin::testing::ExpectHighestVersionStands(
      "notifications_on-member", session(), env_,
      {.run = runtime::Each(&members::OnMemberChanged),
       .make =
           [](const std::string& id, std::int64_t version) {
             auto event = std::make_unique<membership::v1::MemberChanged>();
             event->set_customer_id(id);
             event->set_member_since("2026-02-16T09:00:00Z");
             event->set_member_class(static_cast<membership::v1::MemberClass>(version));
             event->set_dispute_open(version == 2);
             event->set_version(version);
             return event;
           },
       .state =
           [](Tx& tx, const std::string& id) {
             const auto found = members::Find(tx, {id});
             if (found.empty()) return std::string();
             const birthdays::Member& member = found.begin()->second;
             return std::to_string(static_cast<int>(member.member_class)) + (member.dispute_open ? " in dispute" : "");
           }});
}

}  // namespace
}  // namespace renxin::notifications
