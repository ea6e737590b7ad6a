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
    lanes_ = std::make_unique<db::Lanes>(url(), "timers-test", 3, [this](db::Concerns concerns) {
      if (concerns.Has(db::Concern::kTimers)) timers_->Notify();
    });
    std::map<std::string, TimerKind> handlers;
    handlers["ring"] = {[this](Tx&, const TimerContext&) { ++rung_; }};
    handlers["again"] = {[this](Tx& tx, const TimerContext& ctx) {
      if (++rung_ < 3) db::Schedule(tx, "again", ctx.key, ctx.now.Plus(milliseconds(20)));
    }};
    handlers["fails"] = {[this](Tx&, const TimerContext&) {
      if (++rung_ < 2) throw std::runtime_error("not today");
    }};
    handlers["never"] = {[](Tx&, const TimerContext&) { throw std::runtime_error("never"); }};
    handlers["many"] = {[this](Tx&, const TimerContext&) {
      ++many_;
      Eventually(milliseconds(3), [] { return false; });
    }};
    handlers["long"] = {[this](Tx&, const TimerContext&) {
      long_ = 1;
      Eventually(seconds(9), [&] { return long_ == 2; });
    }};
    timers_ = std::make_unique<Timers>(std::move(handlers), url(), env_, *lanes_, 3);
  }
  void TearDown() override {
    timers_->Stop();
    lanes_.reset();
    timers_.reset();
  }
  // As a request does: not behind what runs on the lanes of the background.
  void Schedule(const std::string& kind, const std::string& key, Instant due) {
    lanes_->ForRequest("").Run(seconds(9), [&](Tx& tx) {
      db::Schedule(tx, kind, key, due);
      return true;
    });
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  std::atomic<int> rung_{0};
  std::atomic<int> many_{0};
  std::atomic<int> long_{0};
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

// Ten thousand points expire at one midnight, and a birthday a second later.
TEST_P(TimersTest, many_of_one_kind_do_not_delay_another_one) {
  lanes_->Any().Run(seconds(20), [&](Tx& tx) {
    for (int i = 0; i < 2'000; ++i) db::Schedule(tx, "many", std::to_string(i), Now().Plus(-seconds(10)));
    return true;
  });
  ASSERT_TRUE(Eventually(kBeforePoll, [&] { return many_ > 5; }));
  Schedule("ring", "", Now());
  EXPECT_TRUE(Eventually(seconds(2), [&] { return rung_ == 1; }));
  EXPECT_LT(many_, 2'000);
}

// On PostgreSQL, which has more than one writer.
TEST_P(TimersTest, one_that_takes_long_does_not_delay_another_kind) {
  Schedule("long", "", Now());
  ASSERT_TRUE(Eventually(kBeforePoll, [&] { return long_ == 1; }));
  if (GetParam() == "sqlite") long_ = 2;
  Schedule("ring", "", Now());
  EXPECT_TRUE(Eventually(seconds(2), [&] { return rung_ == 1; }));
  long_ = 2;
}

TEST_P(TimersTest, one_that_fails_always_is_given_up_and_runs_when_it_is_scheduled_anew) {
  Schedule("never", "k", Now());
  const auto failed = [&] {
    std::optional<std::tuple<std::int64_t, std::string>> row;
    lanes_->Any().Run(seconds(5), [&](Tx& tx) {
      row = tx.First<std::int64_t, std::string>("select attempts, failure from timers where failed_at is not null and kind = 'never'");
      return true;
    });
    return row;
  };
  ASSERT_TRUE(Eventually(seconds(20), [&] { return failed().has_value(); }));
  EXPECT_EQ(*failed(), std::tuple(std::int64_t{3}, std::string("never")));
  Schedule("never", "k", Now().Plus(std::chrono::hours(1)));
  EXPECT_FALSE(failed());
}

// What another replica runs is locked: it is not looked at again and again, and others of its kind go on.
TEST_P(TimersTest, what_another_replica_runs_is_passed_over) {
  if (GetParam() == "sqlite") {
    Schedule("ring", "mine", Now());
  } else {
    Schedule("ring", "theirs", Now().Plus(milliseconds(300)));
    db::Session other(url());
    db::Tx theirs(other, false);
    theirs.Select<std::string>("select key from timers where key = 'theirs' for update");
    Schedule("ring", "mine", Now().Plus(milliseconds(400)));
    EXPECT_TRUE(Eventually(kBeforePoll, [&] { return rung_ == 1; }));
    theirs.Rollback();
  }
  EXPECT_TRUE(Eventually(seconds(15), [&] { return rung_ == (GetParam() == "sqlite" ? 1 : 2); }));
}

}  // namespace
}  // namespace renxin::runtime
