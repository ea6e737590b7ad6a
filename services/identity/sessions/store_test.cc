#include "services/identity/sessions/store.h"

#include <atomic>
#include <thread>

#include "services/identity/bootstrap.h"
#include "shared/testing/databases.h"

namespace renxin::identity::sessions {
namespace {

class SessionStoreTest : public renxin::testing::OnServiceTables {
 protected:
  SessionStoreTest() : OnServiceTables(AllMigrations()) {}

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
};
RENXIN_ON_BOTH_DATABASES(SessionStoreTest);

TEST_P(SessionStoreTest, P1_a_token_is_found_by_a_keyed_hash_and_used_up_by_the_next) {
  Tx tx(session(), false);
  Begin(tx, env_, "acc", "first", {1'000});
  EXPECT_FALSE(Find(tx, env_, "another"));
  const auto first = Find(tx, env_, "first");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->account_id, "acc");
  EXPECT_EQ(first->family.started_at.micros, 1'000);
  EXPECT_EQ(first->family.used_at.micros, 1'000);
  EXPECT_FALSE(first->family.ended_at);
  EXPECT_FALSE(first->token_used);
  for (const auto& [hash] : tx.Select<std::string>("select token_hash from refresh_tokens limit 10")) {
    EXPECT_EQ(hash.size(), 64U);
    EXPECT_EQ(hash.find("first"), std::string::npos);
  }
  Rotate(tx, env_, first->session_id, "first", "second", {2'000});
  EXPECT_TRUE(Find(tx, env_, "first")->token_used);
  const auto second = Find(tx, env_, "second");
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->token_used);
  EXPECT_EQ(second->session_id, first->session_id);
  EXPECT_EQ(second->family.started_at.micros, 1'000);
  EXPECT_EQ(second->family.used_at.micros, 2'000);
}

TEST_P(SessionStoreTest, P1_the_first_end_stands_and_ends_only_what_it_names) {
  Tx tx(session(), false);
  Begin(tx, env_, "acc", "a", {1});
  Begin(tx, env_, "acc", "b", {1});
  Begin(tx, env_, "other", "c", {1});
  End(tx, Find(tx, env_, "a")->session_id, "signed out", {5});
  EndAllOf(tx, "acc", "password changed", {7});
  EndAllOf(tx, "acc", "account disabled", {9});
  EXPECT_EQ(Find(tx, env_, "a")->family.ended_at, Instant{5});
  EXPECT_EQ(Find(tx, env_, "b")->family.ended_at, Instant{7});
  EXPECT_FALSE(Find(tx, env_, "c")->family.ended_at);
  const auto why = tx.First<std::string>("select end_reason from sessions where ended_at = 7");
  EXPECT_EQ(std::get<0>(*why), "password changed");
}

TEST_P(SessionStoreTest, P1_what_nobody_used_since_a_moment_is_forgotten_and_its_tokens_are_none_of_ours) {
  Tx tx(session(), false);
  Begin(tx, env_, "acc", "old", {9});
  Begin(tx, env_, "acc", "boundary", {10});
  Begin(tx, env_, "acc", "kept", {1});
  Rotate(tx, env_, Find(tx, env_, "kept")->session_id, "kept", "kept2", {11});
  db::DeleteOldest(tx, kUnused, {}, {10}, 5);
  EXPECT_FALSE(Find(tx, env_, "old"));
  EXPECT_TRUE(Find(tx, env_, "boundary"));
  EXPECT_TRUE(Find(tx, env_, "kept")->token_used) << "a used token is known as long as its session";
  EXPECT_TRUE(Find(tx, env_, "kept2"));
  EXPECT_EQ(db::DeleteOldest(tx, kIssued, {}, {9}, 5).rows, 1) << "a token goes by its own age";
  EXPECT_TRUE(Find(tx, env_, "kept2"));
}

TEST_P(SessionStoreTest, P1_of_two_who_show_the_same_token_at_the_same_moment_one_sees_it_used) {
  for (int round = 0; round < 20; ++round) {
    const std::string token = "token-" + std::to_string(round);
    {
      Tx tx(session(), false);
      Begin(tx, env_, "acc", token, {1});
      tx.Commit();
    }
    std::atomic<int> won{0};
    std::atomic<int> reused{0};
    std::vector<std::thread> both;
    both.reserve(2);
    for (int who = 0; who < 2; ++who) {
      both.emplace_back([&, who] {
        db::Session session(url());
        Tx tx(session, false);
        const auto shown = Find(tx, env_, token);
        if (!shown->token_used) Rotate(tx, env_, shown->session_id, token, token + "-next-" + std::to_string(who), {2});
        tx.Commit();
        ++(shown->token_used ? reused : won);
      });
    }
    for (std::thread& each : both) each.join();
    ASSERT_EQ(won, 1) << round;
    ASSERT_EQ(reused, 1) << round;
  }
}

}  // namespace
}  // namespace renxin::identity::sessions
