#include "services/commissions/facts/reactions.h"
#include "shared/testing/databases.h"
#include "shared/testing/roster_delivery.h"

namespace renxin::commissions {

std::vector<db::Migration> Migrations();

namespace {

class DeliveryTest : public renxin::testing::OnServiceTables {
 protected:
  DeliveryTest() : OnServiceTables(Migrations()) {}
  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
};
RENXIN_ON_BOTH_DATABASES(DeliveryTest);

std::string Stored(Tx& tx, const std::string& sql, const std::string& id) {
  const auto row = tx.First<std::string>(sql, {{"id", id}});
  return row ? std::get<0>(*row) : std::string();
}

TEST_P(DeliveryTest, of_staff_the_highest_version_stands) {
  renxin::testing::ExpectHighestVersionStands("commissions_roster", session(), env_,
                                              renxin::testing::OfStaff(runtime::Each(&runtime::OnStaffChanged)));
}

TEST_P(DeliveryTest, C12_of_a_settlement_the_highest_version_stands) {
  renxin::testing::ExpectHighestVersionStands("commissions_on-settlement", session(), env_,
                                              {.run = runtime::Each(&facts::OnSettlementRecorded),
                                               .make =
                                                   [](const std::string& id, std::int64_t version) {
                                                     auto event = std::make_unique<leads::v1::SettlementRecorded>();
                                                     event->set_settlement_id(id);
                                                     event->set_customer_id("customer-" + std::to_string(version));
                                                     if (version != 2)
                                                       event->set_settled_at("2026-02-1" + std::to_string(version) + "T09:00:00Z");
                                                     event->add_lines()->set_amount_fen(100 * version);
                                                     event->set_version(version);
                                                     return event;
                                                   },
                                               .state =
                                                   [](Tx& tx, const std::string& id) {
                                                     return Stored(tx,
                                                                   "select customer_id || ' ' || settled_on || ' ' || cast(total_fen as "
                                                                   "text) from settlement_facts where settlement_id = :id",
                                                                   id);
                                                   }});
}

TEST_P(DeliveryTest, C12_of_a_course_the_highest_version_stands) {
  renxin::testing::ExpectHighestVersionStands(
      "commissions_on-course", session(), env_,
      {.run = runtime::Each(&facts::OnCourseChanged),
       .make =
           [](const std::string& id, std::int64_t version) {
             auto event = std::make_unique<leads::v1::CourseChanged>();
             event->set_course_id(id);
             event->set_customer_id("customer");
             event->set_course_no("K");
             event->set_source(id);
             if (version != 2) event->set_closed_at("2026-02-1" + std::to_string(version) + "T09:00:00Z");
             event->set_version(version);
             return event;
           },
       .state = [](Tx& tx, const std::string& id) { return Stored(tx, "select closed_on from course_facts where course_id = :id", id); }});
}

TEST_P(DeliveryTest, C12_of_a_recognition_the_highest_version_stands) {
  renxin::testing::ExpectHighestVersionStands(
      "commissions_on-recognition", session(), env_,
      {.run = runtime::Each(&facts::OnReferralRecognised),
       .make =
           [](const std::string& id, std::int64_t version) {
             auto event = std::make_unique<referrals::v1::ReferralRecognised>();
             event->set_recognition_id(id);
             event->set_customer_id("customer");
             event->set_rep_id("rep-" + std::to_string(version));
             event->set_from("2026-02-01");
             event->set_share_bp(10'000);
             event->set_version(version);
             return event;
           },
       .state = [](Tx& tx,
                   const std::string& id) { return Stored(tx, "select rep_id from recognition_facts where recognition_id = :id", id); }});
}

}  // namespace
}  // namespace renxin::commissions
