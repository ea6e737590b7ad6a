#include "services/identity/attempts/store.h"

#include "services/identity/bootstrap.h"
#include "shared/testing/databases.h"
#include "shared/testing/race.h"

namespace renxin::identity::attempts {
namespace {

class AttemptsTest : public renxin::testing::OnServiceTables {
 protected:
  AttemptsTest() : OnServiceTables(AllMigrations()) {}

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
};
RENXIN_ON_BOTH_DATABASES(AttemptsTest);

TEST_P(AttemptsTest, P1_wrong_passwords_are_counted_under_any_name) {
  Tx tx(session(), false);
  for (const char* name : {"wang", "nobody"}) {
    for (int i = 0; i < 4; ++i) RecordFailure(tx, env_, name, {1'000});
    EXPECT_TRUE(Check(tx, env_, name, {1'001})) << "four cost nothing";
    RecordFailure(tx, env_, name, {1'000});
    const Status blocked = Check(tx, env_, name, {1'001});
    ASSERT_FALSE(blocked);
    EXPECT_EQ(blocked.error().code, Code::kTooManyRequests);
    EXPECT_EQ(blocked.error().retry_after_ms, 1'000);
    EXPECT_TRUE(Check(tx, env_, name, {1'001'000}));
  }
  EXPECT_TRUE(Check(tx, env_, "another", {1'001}));
  Forget(tx, env_, "wang");
  EXPECT_TRUE(Check(tx, env_, "wang", {1'001}));
  EXPECT_FALSE(Check(tx, env_, "nobody", {1'001}));
  EXPECT_EQ(db::DeleteOldest(tx, kAged, db::kBeginning, {1'001}, 9).rows, 1);
  EXPECT_TRUE(Check(tx, env_, "nobody", {1'001}));
}

TEST_P(AttemptsTest, P1_of_failures_at_the_same_moment_none_is_lost) {
  renxin::testing::Race(
      url(), "insert into attempts", [&](Tx& tx) { RecordFailure(tx, env_, "wang", {1}); },
      [&](Tx& tx) { RecordFailure(tx, env_, "wang", {2}); });
  Tx tx(session(), false);
  EXPECT_EQ(std::get<0>(*tx.First<std::int64_t>("select failures from attempts")), 2);
}

}  // namespace
}  // namespace renxin::identity::attempts
