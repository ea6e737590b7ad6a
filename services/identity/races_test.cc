// Commands of identity that collide on two replicas, and what both do when they start.

#include "services/identity/accounts/handlers.h"
#include "services/identity/accounts/password.h"
#include "services/identity/accounts/store.h"
#include "services/identity/bootstrap.h"
#include "services/identity/sessions/handlers.h"
#include "services/identity/staff/handlers.h"
#include "shared/core/text.h"
#include "shared/db/migrate.h"
#include "shared/testing/databases.h"
#include "shared/testing/race.h"

namespace renxin::identity {
namespace {

using renxin::testing::Race;

class RacesTest : public renxin::testing::OnServiceTables {
 protected:
  RacesTest() : OnServiceTables(AllMigrations()) {}
  std::int64_t Count(const std::string& of) {
    return Do([&](Tx& tx) { return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from " + of)); });
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
  CallContext ctx_{.now = now_, .caller = {.account_id = "acc", .username = "anna"}, .scope = {.all = true}, .env = env_};
};
RENXIN_ON_BOTH_DATABASES(RacesTest);

// As at a start: under the lock of the migrations (ServiceCore::StartThreads).
TEST_P(RacesTest, two_replicas_that_start_together_make_one_signing_key) {
  const auto start = [&](Tx& tx) {
    db::HoldMigrationLock(tx);
    sessions::LoadKeys(tx, {.now = now_, .key = "", .env = env_});
  };
  Race(url(), "from signing_keys", start, start);
  EXPECT_EQ(Count("signing_keys"), 1);
}

TEST_P(RacesTest, P1_one_staff_number_entered_twice_is_one_member_of_staff_and_a_conflict) {
  std::vector<std::string> refused;
  const auto create = [&](const std::string& name) {
    return [&, name](Tx& tx) {
      v1::CreateStaffRequest req;
      req.set_staff_no("R1");
      req.set_name(name);
      req.set_job("rep");
      req.set_joined_on("2026-01-01");
      const auto created = staff::CreateStaff(tx, ctx_, req);
      if (!created) refused.push_back(created.error().fields.front().field);
    };
  };
  Race(url(), "from staff where source", create("first"), create("second"));
  EXPECT_EQ(Count("staff"), 1);
  EXPECT_EQ(refused, std::vector<std::string>{"staff_no"});
}

// Both checked the same old password before either was written down.
TEST_P(RacesTest, P1_of_two_password_changes_one_wins_and_the_other_is_told) {
  const std::string old = accounts::HashPassword("old password");
  Do([&](Tx& tx) {
    accounts::Insert(tx, {.id = "acc", .username = "anna", .staff_id = "", .roles = {"rep"}, .password_hash = old}, "test", now_);
  });
  int changed = 0;
  int refused = 0;
  const auto change = [&](const std::string& to) {
    return [&, to](Tx& tx) {
      const accounts::Hashed hashed{.hash = to, .old_was_right = true, .checked_hash = old};
      (accounts::ChangePassword(tx, ctx_, {}, hashed) ? changed : refused) += 1;
    };
  };
  Race(url(), "from accounts where id", change("first"), change("second"));
  EXPECT_EQ(changed, 1);
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(Count("accounts where password_hash = 'first'"), 1);
}

}  // namespace
}  // namespace renxin::identity
