#include "shared/testing/delivery.h"
#include "services/notifications/members/reactions.h"
#include "services/notifications/members/store.h"
#include "services/notifications/templates/handlers.h"
#include "services/notifications/templates/store.h"
#include "services/notifications/testing/fixture.h"
#include "shared/testing/race.h"

namespace renxin::notifications {
namespace {

class DeliveryTest : public testing::NotificationsFixture {};
RENXIN_ON_BOTH_DATABASES(DeliveryTest);

TEST_P(DeliveryTest, M3_of_a_member_the_highest_version_stands) {
  renxin::testing::ExpectHighestVersionStands("notifications_on-member", session(), env_,
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
                                                     return std::to_string(static_cast<int>(member.member_class)) +
                                                            (member.dispute_open ? " in dispute" : "");
                                                   }});
}

// The version of a template is the highest and one more: two that are made concurrently are versions 2 and 3.
TEST_P(DeliveryTest, N1_two_versions_of_a_template_made_together_both_stand) {
  const auto create = [&](Tx& tx) {
    v1::CreateTemplateRequest req;
    req.set_code("birthday");
    req.set_kind("birthday");
    req.set_body("亲爱的{name}，生日快乐！拒收请回复R");
    const CallContext ctx{
        .now = *ParseTime("2026-02-16T10:00:00+08:00"), .caller = {.username = "clerk"}, .scope = {.all = true}, .env = env_};
    EXPECT_TRUE(templates::CreateTemplate(tx, ctx, req));
  };
  Do([&](Tx& tx) { templates::SeedDefaults(tx, {.now = {}, .key = "", .env = env_}); });
  renxin::testing::Race(url(), "from templates where code", create, create);
  Do([&](Tx& tx) { EXPECT_EQ(templates::Current(tx, {"birthday"}).at("birthday").version, 3); });
}

}  // namespace
}  // namespace renxin::notifications
