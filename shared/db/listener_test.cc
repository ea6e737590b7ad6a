#include "shared/db/listener.h"

#include <atomic>
#include <mutex>

#include "shared/testing/databases.h"

namespace renxin::db {
namespace {

using renxin::testing::Eventually;
using std::chrono::seconds;

TEST(ConcernsTest, a_set_has_what_was_added) {
  Concerns some = Concern::kTimers;
  some.Add(Concern::kOperations);
  EXPECT_FALSE(some.Has(Concern::kOutbox));
  EXPECT_TRUE(some.Has(Concern::kTimers));
  EXPECT_TRUE(Concerns::FromBits(some.bits()).Has(Concern::kOperations));
  EXPECT_TRUE(Concerns().empty());
  EXPECT_TRUE(Concerns::All().Has(Concern::kOutbox));
}

class ListenerTest : public ::testing::Test {
 protected:
  // What another process does: a session of its own.
  static void Notify(const std::string& url, Concerns concerns, bool commit = true) {
    Session session(url);
    Tx tx(session, false);
    NotifyReplicas(tx, concerns);
    if (commit) {
      tx.Commit();
    } else {
      tx.Rollback();
    }
  }
  void Listen() {
    listener_ = std::make_unique<Listener>(database_.url(), [this](Concerns concerns) {
      const std::scoped_lock lock(mutex_);
      heard_.push_back(concerns.bits());
    });
    ASSERT_TRUE(Eventually(seconds(10), [&] { return Heard().size() == 1; }));
  }
  std::vector<std::uint8_t> Heard() {
    const std::scoped_lock lock(mutex_);
    return heard_;
  }

  static constexpr std::uint8_t kAll = Concerns::All().bits();
  static constexpr std::uint8_t kOperations = Concerns(Concern::kOperations).bits();
  renxin::testing::FreshDatabase database_{"postgres"};
  std::mutex mutex_;
  std::vector<std::uint8_t> heard_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, a_connect_wakes_everybody_and_a_commit_whom_it_concerns) {
  Listen();
  EXPECT_EQ(Heard(), std::vector<std::uint8_t>{kAll});
  Notify(database_.url(), Concern::kOperations);
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Heard().size() == 2; }));
  EXPECT_EQ(Heard().back(), kOperations);
}

TEST_F(ListenerTest, what_was_rolled_back_and_what_is_of_other_tables_is_not_heard) {
  Listen();
  const renxin::testing::FreshDatabase neighbour("postgres");
  Notify(database_.url(), Concern::kOutbox, false);
  Notify(neighbour.url(), Concern::kOutbox);
  // Notifications come in the order of their commits: what has not come before this one does not come.
  Notify(database_.url(), Concern::kTimers);
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Heard().size() >= 2; }));
  EXPECT_EQ(Heard(), (std::vector<std::uint8_t>{kAll, Concerns(Concern::kTimers).bits()}));
}

TEST_F(ListenerTest, a_connection_that_is_lost_is_made_again_and_wakes_everybody) {
  Listen();
  {
    Session session(database_.url());
    Tx tx(session, true);
    const auto ended = tx.Select<std::string>(
        "select cast(pg_terminate_backend(pid) as text) from pg_stat_activity where usename = current_user and pid <> pg_backend_pid() "
        "limit 10");
    ASSERT_EQ(ended.size(), 1U);
  }
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Heard().size() == 2; }));
  EXPECT_EQ(Heard().back(), kAll);
  Notify(database_.url(), Concern::kOperations);
  ASSERT_TRUE(Eventually(seconds(10), [&] { return Heard().size() == 3; }));
}

TEST_F(ListenerTest, it_ends_while_its_database_is_away) {
  std::string nowhere = database_.url();
  const std::size_t slash = nowhere.rfind('/');
  nowhere.replace(slash, std::string::npos, "/no_such_database");
  std::atomic<int> heard{0};
  {
    const Listener listener(nowhere, [&](Concerns) { ++heard; });
  }
  EXPECT_EQ(heard, 0);
}

TEST(ListenerOnSqliteTest, notifies_and_hears_nothing) {
  const renxin::testing::FreshDatabase database("sqlite");
  std::atomic<int> heard{0};
  {
    const Listener listener(database.url(), [&](Concerns) { ++heard; });
    Session session(database.url());
    Tx tx(session, false);
    NotifyReplicas(tx, Concerns::All());
    tx.Commit();
  }
  EXPECT_EQ(heard, 0);
}

}  // namespace
}  // namespace renxin::db
