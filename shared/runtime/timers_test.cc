#include "shared/runtime/timers.h"

#include <atomic>

#include "shared/db/platform_tables.h"
#include "shared/runtime/clock.h"
#include "shared/testing/databases.h"

namespace renxin::runtime {
namespace {

using renxin::testing::Eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Shorter than the poll: what has fired within it was not found by the poll.
constexpr seconds kBeforePoll{6};

class TimersTest : public renxin::testing::OnBothDatabases {
 protected:
  void SetUp() override {
    OnBothDatabases::SetUp();
    db::Migrate(url(), url(), db::PlatformMigrations());
    lanes_ = std::make_unique<db::Lanes>(url(), "timers-test", 2, [this](db::Concerns concerns) {
      if (concerns.Has(db::Concern::kTimers)) timers_->Notify();
    });
    std::map<std::string, TimerHandler> handlers;
    handlers["ring"] = [this](Tx&, const TimerContext&) { ++rung_; };
    handlers["again"] = [this](Tx& tx, const TimerContext& ctx) {
      if (++rung_ < 3) db::Schedule(tx, "again", ctx.key, ctx.now.Plus(milliseconds(20)));
    };
    handlers["fails"] = [this](Tx&, const TimerContext&) {
      if (++rung_ < 2) throw std::runtime_error("not today");
    };
    timers_ = std::make_unique<Timers>(std::move(handlers), url(), env_, *lanes_);
  }
  void TearDown() override {
    timers_->Stop();
    lanes_.reset();
    timers_.reset();
  }
  void Schedule(const std::string& kind, const std::string& key, Instant due) {
    lanes_->Any().Run(seconds(5), [&](Tx& tx) {
      db::Schedule(tx, kind, key, due);
      return true;
    });
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  std::atomic<int> rung_{0};
  std::unique_ptr<db::Lanes> lanes_;
  std::unique_ptr<Timers> timers_;
};
RENXIN_ON_BOTH_DATABASES(TimersTest);

TEST_P(TimersTest, what_is_due_at_once_fires_by_the_commit_that_scheduled_it) {
  Schedule("ring", "", Now());
  EXPECT_TRUE(Eventually(kBeforePoll, [&] { return rung_ == 1; }));
}

TEST_P(TimersTest, what_is_due_later_fires_when_it_is_due_and_not_before) {
  const Instant due = Now().Plus(milliseconds(700));
  std::atomic<std::int64_t> fired_at{0};
  Schedule("ring", "later", due);
  Schedule("ring", "much later", Now().Plus(seconds(3'600)));
  ASSERT_TRUE(Eventually(kBeforePoll, [&] {
    if (rung_ == 1) fired_at = Now().micros;
    return rung_ == 1;
  }));
  EXPECT_GE(fired_at, due.micros);
}

TEST_P(TimersTest, one_that_is_moved_forward_fires_then) {
  Schedule("ring", "", Now().Plus(seconds(3'600)));
  Schedule("ring", "", Now());
  EXPECT_TRUE(Eventually(kBeforePoll, [&] { return rung_ == 1; }));
}

TEST_P(TimersTest, one_that_schedules_itself_goes_on) {
  Schedule("again", "", Now());
  EXPECT_TRUE(Eventually(kBeforePoll, [&] { return rung_ == 3; }));
}

TEST_P(TimersTest, one_that_fails_is_tried_again_after_its_pause) {
  Schedule("fails", "", Now());
  EXPECT_TRUE(Eventually(kBeforePoll, [&] { return rung_ == 2; }));
}

// Of a release that is gone, or an outbound job's: as many as one look reads.
TEST_P(TimersTest, kinds_of_others_that_are_due_do_not_hide_its_own) {
  for (int i = 0; i < 40; ++i) Schedule("unknown", std::to_string(i), Instant{i});
  Schedule("ring", "", Now());
  EXPECT_TRUE(Eventually(kBeforePoll, [&] { return rung_ == 1; }));
}

}  // namespace
}  // namespace renxin::runtime
