#include "renxin/identity/v1/identity_events.pb.h"
#include "services/leads/wiring.h"
#include "shared/testing/databases.h"
#include "shared/testing/roster_delivery.h"

namespace renxin::leads {
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
  renxin::testing::ExpectHighestVersionStands("leads_roster", session(), env_,
                                              renxin::testing::OfStaff(runtime::Each(&runtime::OnStaffChanged)));
}

}  // namespace
}  // namespace renxin::leads
