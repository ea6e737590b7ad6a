#include "shared/testing/delivery.h"
#include "services/membership/testing.h"

namespace renxin::membership {
namespace {

class DeliveryTest : public StoreTest {};
RENXIN_ON_BOTH_DATABASES(DeliveryTest);

// A sale that grows, is another customer's for a while, and comes back.
TEST_P(DeliveryTest, M2_M7_of_a_settlement_the_highest_version_stands) {
  renxin::testing::ExpectHighestVersionStands(
      "membership_on-settlement", session(), env_,
      {.run = runtime::Together(&members::OnSettlementsRecorded),
       .make =
           [this](const std::string& id, std::int64_t version) {
             auto event = std::make_unique<leads::v1::SettlementRecorded>(Sale(id, "2026-05-01T10:00:00+08:00", 10'000 * version, version));
             event->set_customer_id(version == 2 ? customer_ : id);
             return event;
           },
       .state =
           [this](Tx& tx, const std::string& id) {
             const members::Row row = members::Get(tx, id).value_or(members::Row{});
             const members::Row other = members::Get(tx, customer_).value_or(members::Row{});
             return std::to_string(static_cast<int>(row.member_class)) + " spent " + std::to_string(row.net_spend) + " points " +
                    std::to_string(row.points_balance) + ", the other " + std::to_string(other.net_spend) + " " +
                    std::to_string(other.points_balance);
           }});
}

}  // namespace
}  // namespace renxin::membership
