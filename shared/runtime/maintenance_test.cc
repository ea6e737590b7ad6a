#include "shared/runtime/maintenance.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "shared/db/platform_tables.h"
#include "shared/observe/metrics.h"
#include "shared/runtime/clock.h"
#include "shared/testing/databases.h"

namespace renxin::runtime {
namespace {

using renxin::testing::Eventually;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class MaintenanceTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    db::Migrate(url(), url(), db::PlatformMigrations());
    lanes_ = std::make_unique<db::Lanes>(url(), "maintenance-test", 2);
  }
  // So many rows of each age.
  void Fill(int rows, hours age) {
    lanes_->Any().Run(seconds(20), [&](Tx& tx) {
      const db::InsertSpec inbox{.table = "inbox", .columns = {"consumer", "event_id", "received_at"}};
      for (int i = 0; i < rows; ++i) tx.Stage(inbox, {"c" + std::to_string(age.count()), "e" + std::to_string(i), Now().Plus(-age).micros});
      return true;
    });
  }
  std::int64_t Left() {
    std::int64_t left = 0;
    lanes_->Any().Run(seconds(5), [&](Tx& tx) {
      left = std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from inbox"));
      return true;
    });
    return left;
  }
  // Remembers how large its batches were.
  Retention Inbox() {
    Retention kept = DeletedAfter("inbox", hours(10), db::kAgedInbox);
    kept.end = [this, end = kept.end](Tx& tx, Instant from, Instant until, int limit) {
      const db::Batch batch = end(tx, from, until, limit);
      const std::scoped_lock lock(mutex_);
      batches_.push_back(batch.rows);
      return batch;
    };
    return kept;
  }
  std::vector<std::int64_t> Batches() {
    const std::scoped_lock lock(mutex_);
    return batches_;
  }
  MaintenanceOptions Options(milliseconds turn = milliseconds(5'000)) {
    return {.url = url(), .every = milliseconds(50), .batch = 100, .turn = turn};
  }

  std::mutex mutex_;
  std::vector<std::int64_t> batches_;
  std::unique_ptr<db::Lanes> lanes_;
};
RENXIN_ON_BOTH_DATABASES(MaintenanceTest);

TEST_P(MaintenanceTest, what_is_over_goes_in_small_transactions_and_the_rest_stays) {
  Fill(950, hours(11));
  Fill(20, hours(9));
  Maintenance maintenance({Inbox()}, Options(), *lanes_);
  ASSERT_TRUE(Eventually(seconds(20), [&] { return Left() == 20; }));
  const auto batches = Batches();
  EXPECT_GE(batches.size(), 10);
  EXPECT_LE(*std::max_element(batches.begin(), batches.end()), 100);
}

TEST_P(MaintenanceTest, what_is_not_over_costs_no_transaction) {
  Fill(5, hours(9));
  std::atomic<int> looked{0};
  Retention inbox = Inbox();
  inbox.oldest = [&looked, oldest = inbox.oldest](Tx& tx) {
    ++looked;
    return oldest(tx);
  };
  Maintenance maintenance({inbox}, Options(), *lanes_);
  EXPECT_TRUE(Eventually(seconds(10), [&] { return looked >= 3; }));
  maintenance.Stop();
  EXPECT_TRUE(Batches().empty());
}

TEST_P(MaintenanceTest, the_gauge_says_how_long_the_oldest_should_have_been_gone) {
  Fill(1, hours(11));
  Retention stuck = Inbox();
  stuck.what = "stuck_" + GetParam();
  stuck.end = [](Tx&, Instant from, Instant, int) { return db::Batch{.rows = 0, .last = from}; };
  Maintenance maintenance({stuck}, Options(), *lanes_);
  const std::string name = "renxin_maintenance_overdue_seconds{what=\"" + stuck.what + "\"} 36";
  EXPECT_TRUE(Eventually(seconds(10), [&] { return observe::MetricsText().find(name) != std::string::npos; })) << "about 3,600";
}

// One that has much to do, or fails, keeps the others waiting for one turn at most.
TEST_P(MaintenanceTest, one_kind_does_not_keep_the_others_waiting) {
  Fill(300, hours(11));
  std::atomic<int> endless{0};
  Retention long_one{.what = "endless",
                     .keep = seconds(1),
                     .oldest = [](Tx&) { return std::optional(Instant{1}); },
                     .end =
                         [&](Tx&, Instant from, Instant, int limit) {
                           ++endless;
                           return db::Batch{.rows = limit, .last = from};
                         }};
  Retention broken = long_one;
  broken.what = "broken";
  broken.end = [](Tx&, Instant, Instant, int) -> db::Batch { throw std::runtime_error("not today"); };
  Maintenance maintenance({broken, long_one, Inbox()}, Options(milliseconds(50)), *lanes_);
  EXPECT_TRUE(Eventually(seconds(20), [&] { return Left() == 0; }));
  EXPECT_GT(endless, 0);
  maintenance.Stop();
}

// Two replicas take different rows, and none twice.
TEST_P(MaintenanceTest, two_replicas_share_the_work) {
  Fill(2'000, hours(11));
  Maintenance one({Inbox()}, Options(), *lanes_);
  Maintenance other({Inbox()}, Options(), *lanes_);
  ASSERT_TRUE(Eventually(seconds(20), [&] { return Left() == 0; }));
  one.Stop();
  other.Stop();
  std::int64_t sum = 0;
  for (const std::int64_t rows : Batches()) sum += rows;
  EXPECT_EQ(sum, 2'000);
}

}  // namespace
}  // namespace renxin::runtime
