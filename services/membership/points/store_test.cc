#include "services/membership/points/store.h"

#include <thread>

#include "services/membership/complaints/handlers.h"
#include "services/membership/members/refresh.h"
#include "services/membership/points/handlers.h"
#include "services/membership/testing.h"
#include "shared/db/lane.h"

namespace renxin::membership {
namespace {

class PointsTest : public StoreTest {
 protected:
  v1::RedeemPointsRequest Redeem(std::int64_t points) const {
    v1::RedeemPointsRequest req;
    req.set_customer_id(customer_);
    req.set_points(points);
    req.set_reason("goods");
    return req;
  }
  v1::Points Now() {
    v1::GetPointsRequest req;
    req.set_customer_id(customer_);
    return *Call(&points::GetPoints, req);
  }
  leads::v1::SettlementRecorded Refund(const std::string& id, Fen fen, const std::string& of) const {
    auto event = Sale(id, "2026-05-09T10:00:00+08:00", -fen);
    event.set_refund_of(of);
    return event;
  }
};
RENXIN_ON_BOTH_DATABASES(PointsTest);

TEST_P(PointsTest, M7_a_hundred_redemptions_at_once_never_spend_a_point_twice) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  Deliver(Sale("s2", "2026-05-02T10:00:00+08:00", 405'00));
  std::atomic<int> done{0};
  std::atomic<int> refused{0};
  {
    // Many lanes: those that share one also share a transaction, and so cannot race.
    db::Lanes lanes(url(), "redeem", 16);
    std::vector<std::thread> threads;
    threads.reserve(100);
    for (int i = 0; i < 100; ++i) {
      threads.emplace_back([&, i] {
        bool ok = false;
        lanes.For(std::to_string(i)).Run(std::chrono::seconds(60), [&](Tx& tx) {
          ok = points::RedeemPoints(tx, Context(), Redeem(10)).ok();
          return ok;
        });
        ++(ok ? done : refused);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(done, 50);
  EXPECT_EQ(refused, 50);
  EXPECT_EQ(Now().balance(), 5);
  EXPECT_EQ(Number("select count(*) from redemptions"), 50);
  EXPECT_EQ(Number("select sum(points) from points_ledger where ledger_account = 5"), -500);
  EXPECT_EQ(Number("select sum(points) from points_ledger"), 5);
  EXPECT_EQ(Number("select count(*) from (select lot_id from points_ledger group by lot_id having sum(points) < 0) as overdrawn"), 0);
}

TEST_P(PointsTest, M7_redeemed_oldest_first_and_reversed_to_the_lots_it_drew) {
  Deliver(Sale("s2", "2026-05-02T10:00:00+08:00", 50'00));
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 30'00));
  const auto redeemed = *Call(&points::RedeemPoints, Redeem(40));
  EXPECT_EQ(redeemed.balance(), 40);
  ASSERT_EQ(redeemed.allocations_size(), 2);
  EXPECT_EQ(redeemed.allocations(0).settlement_id(), "s1");
  EXPECT_EQ(redeemed.allocations(0).points(), 30);
  EXPECT_EQ(redeemed.allocations(1).points(), 10);
  EXPECT_EQ(Call(&points::RedeemPoints, Redeem(41)).error().fields.front().message, "the balance is 40 points");
  v1::ReverseRedemptionRequest reverse;
  reverse.set_customer_id(customer_);
  reverse.set_redemption_id(redeemed.id());
  reverse.set_reason("returned");
  EXPECT_EQ(Call(&points::ReverseRedemption, reverse)->balance(), 80);
  EXPECT_EQ(Call(&points::ReverseRedemption, reverse).error().reason, Reason::kWrongState);
  const v1::Points now = Now();
  ASSERT_EQ(now.lots_size(), 2);
  EXPECT_EQ(now.lots(0).left(), 30);
  EXPECT_EQ(now.lots(1).left(), 50);
  EXPECT_EQ(now.ledger_size(), 6);
  EXPECT_EQ(now.ledger(0).kind(), v1::POINT_ENTRY_KIND_REVERSED);
  EXPECT_EQ(now.ledger(5).kind(), v1::POINT_ENTRY_KIND_EARNED);
  EXPECT_EQ(Number("select count(*) from outbox where name = 'points_changed'"), 4);
}

TEST_P(PointsTest, M7_what_was_spent_and_refunded_is_debt_that_later_points_pay_first) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  ASSERT_TRUE(Call(&points::RedeemPoints, Redeem(60)));
  Deliver(Refund("r1", 100'00, "s1"));
  EXPECT_EQ(Now().balance(), 0);
  EXPECT_EQ(Now().debt(), 60);
  EXPECT_EQ(Member(customer_).points_debt, 60);
  Deliver(Sale("s2", "2026-05-10T09:00:00+08:00", 100'00));
  EXPECT_EQ(Now().balance(), 40);
  EXPECT_EQ(Now().debt(), 0);
  EXPECT_EQ(Number("select sum(points) from points_ledger"), 40);
  EXPECT_EQ(Number("select sum(points) from points_ledger where lot_id = ''"), 0);
}

TEST_P(PointsTest, M7_a_corrected_settlement_adjusts_its_lot) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 250'99, 3));
  EXPECT_EQ(Now().balance(), 250);
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00, 2));
  EXPECT_EQ(Now().balance(), 250) << "an older version changes nothing";
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 20'00, 4));
  EXPECT_EQ(Now().balance(), 20);
  EXPECT_EQ(Now().ledger(0).kind(), v1::POINT_ENTRY_KIND_TAKEN_BACK);
}

TEST_P(PointsTest, M7_expired_points_are_not_spent_even_when_the_timer_is_late_and_the_timer_writes_them_off) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  Deliver(Sale("s2", "2026-05-02T10:00:00+08:00", 7'00));
  const Instant expires = *ParseTime("2028-05-02T00:00:00+08:00");
  EXPECT_EQ(Number("select due_at from timers where kind = 'points_expiry'"), expires.micros);
  now_ = {expires.micros - 1};
  EXPECT_EQ(Now().balance(), 107);
  now_ = expires;
  EXPECT_EQ(Now().balance(), 7) << "computed at reading";
  EXPECT_EQ(Call(&points::RedeemPoints, Redeem(8)).error().fields.front().message, "the balance is 7 points");
  EXPECT_EQ(Number("select sum(points) from points_ledger"), 107) << "nothing was written";
  Do([this](Tx& tx) { members::ExpirePoints(tx, {.now = now_, .key = customer_, .env = env_}); });
  EXPECT_EQ(Number("select sum(points) from points_ledger"), 7);
  EXPECT_EQ(Member(customer_).points_balance, 7);
  EXPECT_EQ(Now().ledger(0).kind(), v1::POINT_ENTRY_KIND_EXPIRED);
  EXPECT_EQ(Number("select due_at from timers where kind = 'points_expiry'"), ParseTime("2028-05-03T00:00:00+08:00")->micros);
  now_ = *ParseTime("2028-05-03T00:00:00+08:00");
  Do([this](Tx& tx) { members::ExpirePoints(tx, {.now = now_, .key = customer_, .env = env_}); });
  EXPECT_EQ(Number("select sum(points) from points_ledger"), 0);
  EXPECT_EQ(Number("select count(*) from timers where kind = 'points_expiry'"), 0);
}

TEST_P(PointsTest, M7_what_may_be_asked_for) {
  auto req = Redeem(1);
  EXPECT_EQ(Call(&points::RedeemPoints, req).error().code, Code::kNotFound);
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  req.set_reason("cash");
  EXPECT_EQ(Call(&points::RedeemPoints, req).error().fields.front().message, "must be one of service, goods");
  v1::ReverseRedemptionRequest reverse;
  reverse.set_customer_id(customer_);
  reverse.set_redemption_id(NewId());
  reverse.set_reason("mistaken");
  EXPECT_EQ(Call(&points::ReverseRedemption, reverse).error().code, Code::kNotFound);
  v1::GetPointsRequest get;
  get.set_customer_id(customer_);
  get.set_page_token("x");
  EXPECT_EQ(Call(&points::GetPoints, get).error().fields.front().field, "page_token");
}

TEST_P(PointsTest, M3_class_J_has_no_member_services) {
  Deliver(Sale("s1", "2026-05-01T10:00:00+08:00", 100'00));
  v1::OpenComplaintRequest open;
  open.set_customer_id(customer_);
  open.set_text("it hurts");
  v1::ResolveComplaintRequest resolve;
  resolve.set_id(Call(&complaints::OpenComplaint, open)->id());
  resolve.set_outcome(v1::COMPLAINT_OUTCOME_COMPENSATED);
  v1::InvestigateComplaintRequest investigate;
  investigate.set_id(resolve.id());
  ASSERT_TRUE(Call(&complaints::InvestigateComplaint, investigate));
  ASSERT_TRUE(Call(&complaints::ResolveComplaint, resolve));
  EXPECT_EQ(Call(&points::RedeemPoints, Redeem(1)).error().message, "M3: archived (class J), no member services");
}

}  // namespace
}  // namespace renxin::membership
