#include "shared/db/lane.h"

#include <unistd.h>

#include <filesystem>
#include <future>
#include <set>

#include "shared/db/platform_tables.h"
#include "shared/testing/databases.h"

namespace renxin::db {
namespace {

using std::chrono::milliseconds;

class LaneTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    lane_ = std::make_unique<Lane>(LaneOptions{.url = url(), .name = "test", .queue_max = 64});
    lane_->Run(milliseconds(5'000), [](Tx& tx) {
      tx.Exec("create table t (id bigint primary key)");
      return true;
    });
  }
  void TearDown() override { lane_.reset(); }

  // Holds the lane until released, so that what follows waits together and shares one commit.
  void Hold(std::future<void> release) {
    auto shared = std::make_shared<std::future<void>>(std::move(release));
    ASSERT_TRUE(lane_->Submit({.run =
                                   [shared](Tx&) {
                                     shared->wait();
                                     return true;
                                   },
                               .done = [](std::exception_ptr) {},
                               .deadline = Later()}));
  }
  static std::chrono::steady_clock::time_point Later() { return std::chrono::steady_clock::now() + std::chrono::seconds(10); }
  std::future<bool> Insert(std::int64_t id, bool keep = true) {
    auto promise = std::make_shared<std::promise<bool>>();
    auto future = promise->get_future();
    const bool taken = lane_->Submit({.run =
                                          [id, keep](Tx& tx) {
                                            tx.Exec("insert into t (id) values (:id)", {{"id", id}});
                                            return keep;
                                          },
                                      .done = [promise](std::exception_ptr error) { promise->set_value(!error); },
                                      .deadline = Later()});
    if (!taken) promise->set_value(false);
    return future;
  }
  std::int64_t Count() {
    std::int64_t count = 0;
    lane_->Run(milliseconds(5'000), [&](Tx& tx) {
      count = std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from t"));
      return true;
    });
    return count;
  }
  std::unique_ptr<Lane> lane_;
};
RENXIN_ON_BOTH_DATABASES(LaneTest);

TEST_P(LaneTest, requests_do_not_share_a_lane_with_the_background_where_there_are_several) {
  for (const std::size_t count : {1, 2, 3, 6}) {
    Lanes lanes(url(), "test", count);
    std::set<const Lane*> for_requests;
    std::set<const Lane*> background{&lanes.Any(), &lanes.ForOperations()};
    for (int key = 0; key < 100; ++key) {
      for_requests.insert(&lanes.ForRequest(std::to_string(key)));
      background.insert(&lanes.For(std::to_string(key)));
    }
    const bool one = count == 1 || IsSqlite(url());
    EXPECT_EQ(for_requests.size(), one ? 1 : std::max<std::size_t>(1, count / 3)) << count;
    EXPECT_EQ(background.size(), one ? 1 : count - for_requests.size()) << count;
    for (const Lane* lane : for_requests) EXPECT_EQ(background.count(lane), one ? 1U : 0U) << count;
  }
}

TEST_P(LaneTest, a_log_of_sqlite_begins_again_while_it_is_being_written) {
  if (!IsSqlite(url())) return;  // PostgreSQL sees to its own
  lane_->Run(milliseconds(5'000), [](Tx& tx) {
    tx.Exec("create table large (id bigint primary key, text text)");
    return true;
  });
  const std::string text(512 * 1024, 'x');
  for (std::int64_t i = 0; i < 160; ++i) {
    lane_->Run(milliseconds(5'000), [&](Tx& tx) {
      tx.Exec("insert into large (id, text) values (:id, :text)", {{"id", i}, {"text", text}});
      return true;
    });
  }
  // 80 MiB have been written. The log may grow beyond the mark by what is written while a copy runs.
  const std::uintmax_t limit = 3ULL * Checkpointer::kWriterAt * 4'096 / 2;
  EXPECT_LT(std::filesystem::file_size(url().substr(7) + "-wal"), limit);
}

TEST_P(LaneTest, one_that_fails_does_not_spoil_those_it_shares_the_commit_with) {
  std::promise<void> release;
  Hold(release.get_future());
  auto first = Insert(1);
  auto twice = Insert(1);
  auto refused = Insert(2, false);
  auto last = Insert(3);
  release.set_value();
  EXPECT_TRUE(first.get());
  EXPECT_FALSE(twice.get()) << "a broken constraint is its own job's failure";
  EXPECT_TRUE(refused.get()) << "a refusal is no failure";
  EXPECT_TRUE(last.get());
  EXPECT_EQ(Count(), 2) << "what the refused job wrote does not stand";
}

TEST_P(LaneTest, a_full_queue_refuses_at_once) {
  std::promise<void> release;
  Hold(release.get_future());
  ASSERT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] { return lane_->waiting() == 0; }));
  std::vector<std::future<bool>> waiting;
  for (std::int64_t i = 0; i < 64; ++i) waiting.push_back(Insert(i));
  EXPECT_FALSE(lane_->Submit({.run = [](Tx&) { return true; }, .done = [](std::exception_ptr) {}, .deadline = Later()}));
  release.set_value();
  for (auto& one : waiting) EXPECT_TRUE(one.get());
}

TEST_P(LaneTest, a_job_past_its_deadline_is_not_begun) {
  std::promise<void> release;
  Hold(release.get_future());
  std::promise<bool> failed;
  bool ran = false;
  ASSERT_TRUE(lane_->Submit({.run =
                                 [&](Tx&) {
                                   ran = true;
                                   return true;
                                 },
                             .done = [&](std::exception_ptr error) { failed.set_value(error != nullptr); },
                             .deadline = std::chrono::steady_clock::now() - milliseconds(1)}));
  release.set_value();
  EXPECT_TRUE(failed.get_future().get());
  EXPECT_FALSE(ran);
}

TEST_P(LaneTest, what_is_queued_at_the_end_is_still_done) {
  std::promise<void> release;
  Hold(release.get_future());
  auto one = Insert(1);
  std::thread ending([this] { lane_.reset(); });
  release.set_value();
  ending.join();
  EXPECT_TRUE(one.get());
}

// The pool of SOCI hands out a session with an open transaction; a reader of ours never leaves one.
TEST_P(LaneTest, readers_never_see_what_is_not_committed_and_leave_nothing_open) {
  Readers readers(url(), 2, 16);
  EXPECT_TRUE(Insert(1).get());
  for (int i = 0; i < 10; ++i) {
    std::int64_t count = -1;
    readers.Run(milliseconds(5'000),
                [&](Tx& tx) { count = std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from t")); });
    EXPECT_EQ(count, 1);
  }
  EXPECT_THROW(readers.Run(milliseconds(5'000), [](Tx& tx) { tx.First<std::int64_t>("select nothing from nowhere"); }), DbError);
  std::int64_t count = -1;
  readers.Run(milliseconds(5'000), [&](Tx& tx) { count = std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from t")); });
  EXPECT_EQ(count, 1) << "a failed read does not poison the next one";
}

// A connection that the server ended is dropped and replaced, within the job's deadline: with statements that are new to it, and with
// some that it has prepared, which libpq sends before it notices.
TEST_P(LaneTest, a_lost_connection_is_replaced) {
  for (int i = 1; i <= 3; ++i) {
    if (GetParam() == "postgres") {
      Session killer(std::getenv("RENXIN_TEST_POSTGRES_URL"));
      Tx tx(killer, false);
      // Waits until it is gone.
      tx.Select<std::string>("select cast(pg_terminate_backend(pid, 5000) as text) from pg_stat_activity where usename = :user limit 10",
                             {{"user", UserOf(url())}});
      tx.Commit();
    }
    EXPECT_TRUE(Insert(i).get());
    EXPECT_EQ(Count(), i);
  }
}

// Which loops a lane wakes, by what its jobs write.
class LaneWakeTest : public renxin::testing::OnServiceTables {
 protected:
  LaneWakeTest() : OnServiceTables({}) {}
  void Run(const std::function<bool(Tx&)>& run) { lane_->Run(milliseconds(5'000), run); }
  void SetUp() override {
    OnServiceTables::SetUp();
    lane_ = std::make_unique<Lane>(
        LaneOptions{.url = url(), .name = "wakes", .committed = [this](Concerns concerns) { woken_.push_back(concerns.bits()); }});
  }
  // Joins the lane, so that what it has called is seen.
  std::vector<std::uint8_t> Woken() {
    lane_.reset();
    return woken_;
  }
  static std::uint8_t Bits(Concerns concerns) { return concerns.bits(); }

  std::vector<std::uint8_t> woken_;
  std::unique_ptr<Lane> lane_;
};
RENXIN_ON_BOTH_DATABASES(LaneWakeTest);

TEST_P(LaneWakeTest, a_commit_wakes_whom_it_has_work_for_and_nobody_else) {
  Run([](Tx& tx) {
    Schedule(tx, "k", "", Instant{1});
    return true;
  });
  Run([](Tx& tx) {
    tx.Wake(Concern::kOperations);
    Schedule(tx, "k", "", Instant{2});
    return true;
  });
  Run([](Tx& tx) {
    Unschedule(tx, "k", "");
    return true;
  });
  Concerns both = Concern::kTimers;
  both.Add(Concern::kOperations);
  EXPECT_EQ(Woken(), (std::vector<std::uint8_t>{Bits(Concern::kTimers), Bits(both)}));
}

TEST_P(LaneWakeTest, what_was_refused_or_failed_wakes_nobody) {
  Run([](Tx& tx) {
    Schedule(tx, "k", "", Instant{1});
    return false;
  });
  const auto fail = [](Tx& tx) -> bool {
    Schedule(tx, "k", "", Instant{1});
    throw std::runtime_error("not today");
  };
  EXPECT_THROW(Run(fail), std::runtime_error);
  EXPECT_TRUE(Woken().empty());
}

// A lane that met a database that was away must say it is well again though nobody gives it work.
TEST(LaneHealth, an_idle_lane_recovers_by_itself) {
  const std::string folder = ::testing::TempDir() + "/renxin-lane-" + std::to_string(::getpid());
  Lane lane({.url = "sqlite:" + folder + "/later.db", .name = "away"});
  EXPECT_THROW(lane.Run(milliseconds(100), [](Tx&) { return true; }), DbError);
  EXPECT_FALSE(lane.healthy());
  std::filesystem::create_directories(folder);
  EXPECT_TRUE(renxin::testing::Eventually(milliseconds(5'000), [&] { return lane.healthy(); }));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace renxin::db
