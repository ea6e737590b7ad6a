#include "renxin/identity/v1/identity_events.pb.h"
#include "renxin/leads/v1/leads_events.pb.h"
#include "services/referrals/recognitions/reactions.h"
#include "services/referrals/recognitions/store.h"
#include "services/referrals/wiring.h"
#include "shared/testing/databases.h"
#include "shared/testing/roster_delivery.h"

namespace renxin::referrals {
namespace {

class DeliveryTest : public renxin::testing::OnServiceTables {
 protected:
  DeliveryTest() : OnServiceTables(AllMigrations()) {}
  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
};
RENXIN_ON_BOTH_DATABASES(DeliveryTest);

TEST_P(DeliveryTest, of_staff_the_highest_version_stands) {
  renxin::testing::ExpectHighestVersionStands("referrals_roster", session(), env_,
                                              renxin::testing::OfStaff(runtime::Each(&runtime::OnStaffChanged)));
}

TEST_P(DeliveryTest, of_a_customer_the_highest_version_stands) {
  renxin::testing::ExpectHighestVersionStands(
      "referrals_on-customer", session(), env_,
      {.run = runtime::Each(&OnCustomer),
       .make =
           [](const std::string& id, std::int64_t version) {
             auto event = std::make_unique<leads::v1::CustomerRegistered>();
             event->set_customer_id("customer-" + std::to_string(version));
             event->set_source("test");
             event->set_customer_no(id);
             event->set_version(version);
             return event;
           },
       .state = [](Tx& tx, const std::string& id) { return db::ResolveAlias(tx, "customers", "test", id).value_or(""); }});
}

// A rep is named, another one is, and none: whoever is credited at the end is whom the last version names.
TEST_P(DeliveryTest, of_a_visit_the_highest_version_stands) {
  for (const char* last : {"rep-3", ""}) {
    renxin::testing::ExpectHighestVersionStands(
        "referrals_on-visit", session(), env_,
        {.run = runtime::Each(&recognitions::OnVisitRegistered),
         .make =
             [last](const std::string& id, std::int64_t version) {
               auto event = std::make_unique<leads::v1::VisitRegistered>();
               event->set_visit_id(id);
               event->set_customer_id("customer");
               event->set_arrived_at("2026-02-16T09:00:00Z");
               event->set_rep_id(version == 3 ? last : "rep-" + std::to_string(version));
               event->set_version(version);
               return event;
             },
         .state =
             [](Tx& tx, const std::string& id) {
               const auto credited =
                   tx.First<std::string>("select rep_id from recognitions where visit_id = :id and withdrawn = 0", {{"id", id}});
               return "credited: " + (credited ? std::get<0>(*credited) : "nobody");
             }});
  }
}

}  // namespace
}  // namespace renxin::referrals
