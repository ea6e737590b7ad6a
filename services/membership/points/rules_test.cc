#include "services/membership/points/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace renxin::membership::points {
namespace {

Zone Shanghai() { return Zone("Asia/Shanghai"); }
constexpr std::int64_t kDayMicros = 86'400'000'000;

Instant OnDay(std::int64_t day) { return {day * kDayMicros}; }

// 100 days each, where a test says nothing else.
Settled Sale(const std::string& id, std::int64_t day, Fen total, std::int64_t expires = 100) {
  return {.id = id, .sale = true, .at = OnDay(day), .total = total, .expires_at = OnDay(day + expires)};
}
Settled Refund(const std::string& id, std::int64_t day, Fen total, const std::string& of = "") {
  return {.id = id, .sale = false, .refund_of = of, .at = OnDay(day), .total = total, .expires_at = OnDay(day + 100)};
}

struct ExpiryCase {
  const char* earned_on;
  int months;
  const char* expires_at;
};

TEST(ExpirePoints, M7_calendar_months_clamped_in_the_hospitals_zone) {
  const std::vector<ExpiryCase> cases{
      {"2024-01-15", 24, "2026-01-16T00:00:00+08:00"}, {"2024-02-29", 24, "2026-03-01T00:00:00+08:00"},
      {"2024-02-29", 48, "2028-03-01T00:00:00+08:00"}, {"2023-12-31", 2, "2024-03-01T00:00:00+08:00"},
      {"2022-12-31", 2, "2023-03-01T00:00:00+08:00"},  {"2024-01-31", 3, "2024-05-01T00:00:00+08:00"},
      {"2024-03-31", 1, "2024-05-01T00:00:00+08:00"},  {"2024-12-31", 12, "2026-01-01T00:00:00+08:00"},
      {"2024-11-30", 1, "2024-12-31T00:00:00+08:00"},
  };
  for (const ExpiryCase& c : cases)
    EXPECT_EQ(FormatTime(ExpiresAt(*ParseDay(c.earned_on), c.months, Shanghai())), FormatTime(*ParseTime(c.expires_at))) << c.earned_on;
}

struct EarnCase {
  const char* name;
  std::vector<Settled> settled;
  std::int64_t balance;
  std::int64_t debt;
};

TEST(Earning, M7_one_point_a_yuan_rounded_down_per_settlement_and_taken_back_on_refund) {
  const std::vector<EarnCase> cases{
      {"nothing", {}, 0, 0},
      {"zero", {Sale("s", 1, 0)}, 0, 0},
      {"one fen", {Sale("s", 1, 1)}, 0, 0},
      {"a fen below a yuan", {Sale("s", 1, 99)}, 0, 0},
      {"a yuan", {Sale("s", 1, 100)}, 1, 0},
      {"a fen above", {Sale("s", 1, 101)}, 1, 0},
      {"a sale below zero", {Sale("s", 1, -500)}, 0, 0},
      {"per settlement, not over the sum", {Sale("s", 1, 150), Sale("t", 1, 150)}, 2, 0},
      {"refunded in part", {Sale("s", 1, 10'000), Refund("r", 2, -50, "s")}, 99, 0},
      {"refunded twice in part", {Sale("s", 1, 10'000), Refund("r", 2, -50, "s"), Refund("q", 3, -50, "s")}, 99, 0},
      {"refunded whole", {Sale("s", 1, 10'000), Refund("r", 2, -10'000, "s")}, 0, 0},
      {"refunded beyond: no more than it earned", {Sale("s", 1, 10'000), Refund("r", 2, -20'000, "s")}, 0, 0},
      {"a refund of what is not known here", {Sale("s", 1, 10'000), Refund("r", 2, -5'000, "x")}, 100, 0},
      {"an unlinked refund", {Sale("s", 1, 10'000), Refund("r", 2, -5'050)}, 50, 0},
      {"an unlinked refund at the moment of the sale", {Sale("s", 1, 10'000), Refund("r", 1, -5'000)}, 50, 0},
      {"an unlinked refund takes nothing that was earned after it", {Refund("r", 1, -5'000), Sale("s", 2, 10'000)}, 100, 0},
      {"what was never given is not taken back", {Sale("s", 1, 10'000), Refund("r", 2, -15'000)}, 0, 0},
      {"nor from what comes later", {Sale("s", 1, 10'000), Refund("r", 2, -15'000), Sale("t", 3, 8'000)}, 80, 0},
      {"two unlinked refunds do not take a point twice", {Sale("s", 1, 10'000), Refund("r", 2, -6'000), Refund("q", 3, -6'000)}, 0, 0},
  };
  for (EarnCase c : cases) {
    std::sort(c.settled.begin(), c.settled.end(), [](const Settled& a, const Settled& b) { return a.id < b.id; });
    do {
      const Account account = Settle(c.settled, {}, OnDay(10));
      EXPECT_EQ(account.balance, c.balance) << c.name;
      EXPECT_EQ(account.debt, c.debt) << c.name;
    } while (std::next_permutation(c.settled.begin(), c.settled.end(), [](const Settled& a, const Settled& b) { return a.id < b.id; }));
  }
  Settled dear = Sale("s", 1, 10'000);
  dear.fen_per_point = 300;
  EXPECT_EQ(Settle({dear}, {}, OnDay(2)).balance, 33) << "what earns a point is policy";
}

TEST(Debt, M7_spent_points_of_a_refunded_sale_become_debt_that_later_points_pay_first) {
  const std::vector<Settled> refunded{Sale("s", 1, 10'000), Refund("r", 3, -10'000, "s")};
  const std::map<std::string, AllocatedPoints> spent{{"s", {60, OnDay(2)}}};
  const Account account = Settle(refunded, spent, OnDay(4));
  EXPECT_EQ(account.balance, 0);
  EXPECT_EQ(account.debt, 60);
  std::vector<Settled> later = refunded;
  later.push_back(Sale("t", 5, 5'900));
  EXPECT_EQ(Settle(later, spent, OnDay(6)).debt, 1);
  later.back().total = 6'000;
  EXPECT_EQ(Settle(later, spent, OnDay(6)).debt, 0);
  later.back().total = 6'100;
  EXPECT_EQ(Settle(later, spent, OnDay(6)).balance, 1);
}

TEST(Debt, M7_an_unlinked_refund_owes_what_was_spent_and_no_more) {
  std::vector<Settled> settled{Sale("s", 1, 10'000), Refund("r", 3, -15'000)};
  const std::map<std::string, AllocatedPoints> spent{{"s", {60, OnDay(2)}}};
  EXPECT_EQ(Settle(settled, spent, OnDay(4)).debt, 60);
  settled.push_back(Refund("q", 4, -15'000));
  EXPECT_EQ(Settle(settled, spent, OnDay(5)).debt, 60) << "a second refund cannot owe it again";
  settled.push_back(Sale("t", 5, 6'100));
  EXPECT_EQ(Settle(settled, spent, OnDay(6)).debt, 0);
  EXPECT_EQ(Settle(settled, spent, OnDay(6)).balance, 1);
}

TEST(Debt, M7_points_that_expired_are_not_spent_and_make_no_debt) {
  const Account account = Settle({Sale("s", 1, 10'000), Refund("r", 50, -10'000, "s")}, {}, OnDay(200));
  EXPECT_EQ(account.debt, 0);
  const Account unlinked = Settle({Sale("s", 1, 10'000), Refund("r", 50, -10'000)}, {}, OnDay(200));
  EXPECT_EQ(unlinked.debt, 0) << "they were there when the refund took them";
  EXPECT_EQ(unlinked.lots.front().expired, 0);
  const Account late = Settle({Sale("s", 1, 10'000), Refund("r", 150, -10'000)}, {}, OnDay(200));
  EXPECT_EQ(late.debt, 0) << "they had expired before it, and nothing was spent";
  EXPECT_EQ(late.lots.front().expired, 100);
}

TEST(ExpirePoints, M7_oldest_first_and_never_spent_after_they_lapsed) {
  const std::vector<Settled> settled{Sale("b", 2, 5'000), Sale("a", 1, 3'000), Sale("c", 3, 7'000)};
  const Account live = Settle(settled, {}, OnDay(10));
  const auto allocations = Redeem(live, 40);
  ASSERT_TRUE(allocations);
  ASSERT_EQ(allocations->size(), 2U);
  EXPECT_EQ((*allocations)[0].lot_id, "a");
  EXPECT_EQ((*allocations)[0].points, 30);
  EXPECT_EQ((*allocations)[1].points, 10);
  EXPECT_EQ(NextExpiry(live), OnDay(101));
  const Instant just_before{OnDay(101).micros - 1};
  EXPECT_EQ(Settle(settled, {}, just_before).balance, 150);
  EXPECT_EQ(Settle(settled, {}, OnDay(101)).balance, 120);
  EXPECT_EQ(Settle(settled, {}, OnDay(103)).balance, 0);
  EXPECT_FALSE(NextExpiry(Settle(settled, {}, OnDay(103))));
  EXPECT_EQ(Redeem(Settle(settled, {}, OnDay(101)), 121).error().fields.front().message, "the balance is 120 points");
  EXPECT_TRUE(Redeem(Settle(settled, {}, OnDay(101)), 120));
}

// An independent model: every point is a thing of its own, and everything is done in the plainest way.
struct Model {
  struct Point {
    std::int64_t earned_day;
    std::string lot;
    std::int64_t expiry_day;
    bool allocated;
    bool claimed = false;
    bool owed_for = false;
  };
  struct Owed {
    std::int64_t day;
    std::string id;
    bool unlinked;
  };
  std::vector<Settled> settled;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> allocated;  // points, day of the last

  static std::int64_t DayOf(Instant t) { return t.micros / kDayMicros; }

  std::pair<std::int64_t, std::int64_t> BalanceAndDebt(std::int64_t today) const {
    std::vector<Point> points;
    std::vector<Owed> owed;
    for (const Settled& s : settled) {
      if (!s.sale && s.refund_of.empty()) {
        for (Fen left = -s.total; left >= 100; left -= 100) owed.push_back({DayOf(s.at), s.id, true});
      }
      if (!s.sale) continue;
      Fen net = s.total;
      std::int64_t last_refund = 0;
      for (const Settled& refund : settled) {
        if (refund.sale || refund.refund_of != s.id) continue;
        net += refund.total;
        last_refund = std::max(last_refund, DayOf(refund.at));
      }
      const auto spent = allocated.find(s.id);
      std::int64_t spent_points = spent == allocated.end() ? 0 : spent->second.first;
      for (; net >= 100; net -= 100) points.push_back({DayOf(s.at), s.id, DayOf(s.expires_at), spent_points-- > 0});
      for (; spent_points > 0; --spent_points) owed.push_back({std::max(last_refund, spent->second.second), s.id, false});
    }
    std::sort(points.begin(), points.end(),
              [](const Point& a, const Point& b) { return std::tie(a.earned_day, a.lot) < std::tie(b.earned_day, b.lot); });
    std::sort(owed.begin(), owed.end(), [](const Owed& a, const Owed& b) { return std::tie(a.day, a.id) < std::tie(b.day, b.id); });
    std::int64_t debt = 0;
    for (const Owed& one : owed) {
      const auto find = [&points](const auto& passes) { return std::find_if(points.begin(), points.end(), passes); };
      const auto there = [&](const Point& p) { return !p.allocated && !p.claimed && (p.expiry_day > one.day || p.expiry_day > today); };
      if (one.unlinked) {
        if (const auto own = find([&](const Point& p) { return there(p) && p.earned_day <= one.day; }); own != points.end()) {
          own->claimed = true;
          continue;
        }
        const auto spent = find([&](const Point& p) { return p.allocated && !p.owed_for && p.earned_day <= one.day; });
        if (spent == points.end()) continue;
        spent->owed_for = true;
      }
      if (const auto payer = find(there); payer != points.end()) {
        payer->claimed = true;
      } else {
        ++debt;
      }
    }
    const auto balance =
        std::count_if(points.begin(), points.end(), [&](const Point& p) { return !p.allocated && !p.claimed && p.expiry_day > today; });
    return {balance, debt};
  }
};

// What the service does: facts and the ledger's redemptions, through Settle and Redeem.
struct Till {
  std::vector<Settled> settled;
  std::vector<std::vector<Allocation>> redemptions;
  std::vector<std::int64_t> days;
  std::set<std::size_t> reversed;
  Sums ledger;

  std::map<std::string, AllocatedPoints> AllocatedNow() const {
    std::map<std::string, AllocatedPoints> out;
    for (std::size_t i = 0; i < redemptions.size(); ++i) {
      if (reversed.contains(i)) continue;
      for (const Allocation& allocation : redemptions[i]) {
        out[allocation.lot_id].points += allocation.points;
        out[allocation.lot_id].last = std::max(out[allocation.lot_id].last, OnDay(days[i]));
      }
    }
    return out;
  }
  Account Now(std::int64_t today) const { return Settle(settled, AllocatedNow(), OnDay(today)); }
  // Appends what is missing, as the store does, and answers what the ledger adds up to.
  std::int64_t Reconcile(const Account& account) {
    for (const auto& [key, points] : Missing(Wanted(account), ledger)) ledger[key] += points;
    std::int64_t sum = 0;
    for (const auto& [key, points] : ledger) sum += points;
    return sum;
  }
};

class Sequence {
 public:
  explicit Sequence(unsigned seed) : random_(seed) {}

  void Run() {
    const int steps = Upto(3, 14);
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      today_ += Upto(0, 40);
      Act();
      Check();
    }
  }

 private:
  int Upto(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  void Act() {
    switch (Upto(0, 6)) {
      case 0:
      case 1:
        return Add(Sale("s" + std::to_string(next_++), today_ - Upto(0, 30), Upto(0, 12) * 100 + Upto(0, 99)));
      case 2:
        return Add(Refund("r" + std::to_string(next_++), today_ - Upto(0, 30), -Upto(0, 800)));
      case 3:
        if (till_.settled.empty()) return;
        return Add(Refund("r" + std::to_string(next_++), today_ - Upto(0, 30), -Upto(0, 800), Any().id));
      case 4:
        return RedeemSome();
      case 5:
        return ReverseOne();
      default:  // a settlement is corrected by a higher version
        if (!till_.settled.empty()) Any().total = Any().sale ? Upto(0, 1200) : -Upto(0, 800);
    }
  }

  Settled& Any() { return till_.settled[static_cast<std::size_t>(any_ = any_ % till_.settled.size())]; }
  void Add(const Settled& settled) {
    till_.settled.push_back(settled);
    any_ = static_cast<std::size_t>(Upto(0, 100));
  }

  void RedeemSome() {
    const Account before = till_.Now(today_);
    const std::int64_t points = Upto(1, 12);
    const auto allocations = Redeem(before, points);
    ASSERT_EQ(allocations.ok(), points <= before.balance);
    if (!allocations) return;
    std::int64_t sum = 0;
    for (const Allocation& allocation : *allocations) {
      const auto lot = std::find_if(before.lots.begin(), before.lots.end(), [&](const Lot& one) { return one.id == allocation.lot_id; });
      ASSERT_GT(lot->expires_at, OnDay(today_)) << "never a expired point";
      ASSERT_LE(allocation.points, lot->left);
      sum += allocation.points;
    }
    ASSERT_EQ(sum, points);
    for (const Allocation& allocation : *allocations)
      till_.ledger[{LedgerAccount::kRedemption, allocation.lot_id, std::to_string(till_.redemptions.size())}] = -allocation.points;
    till_.redemptions.push_back(*allocations);
    till_.days.push_back(today_);
    ASSERT_EQ(till_.Now(today_).balance, before.balance - points);
  }

  void ReverseOne() {
    if (till_.redemptions.empty()) return;
    const auto which = static_cast<std::size_t>(Upto(0, static_cast<int>(till_.redemptions.size()) - 1));
    if (!till_.reversed.insert(which).second) return;
    for (const Allocation& allocation : till_.redemptions[which])
      till_.ledger[{LedgerAccount::kRedemption, allocation.lot_id, std::to_string(which)}] += allocation.points;
  }

  void Check() {
    const Account account = till_.Now(today_);
    Model model{till_.settled, {}};
    for (const auto& [lot, allocated] : till_.AllocatedNow()) model.allocated[lot] = {allocated.points, Model::DayOf(allocated.last)};
    const auto [balance, debt] = model.BalanceAndDebt(today_);
    ASSERT_EQ(account.balance, balance);
    ASSERT_EQ(account.debt, debt);
    ASSERT_GE(account.balance, 0);
    ASSERT_TRUE(account.balance == 0 || account.debt == 0) << "debt is paid before anything can be spent";
    ASSERT_EQ(till_.Reconcile(account), account.balance - account.debt) << "the ledger adds up";
    for (const Lot& lot : account.lots) {
      std::int64_t sum = 0;
      for (const auto& [key, points] : till_.ledger) sum += key.lot_id == lot.id ? points : 0;
      ASSERT_EQ(sum, lot.left) << "and so does every lot";
      ASSERT_GE(lot.left, 0);
    }
    Till shuffled = till_;
    std::shuffle(shuffled.settled.begin(), shuffled.settled.end(), random_);
    const Account again = shuffled.Now(today_);
    ASSERT_EQ(again.balance, account.balance) << "order changes nothing";
    ASSERT_EQ(again.debt, account.debt);
  }

  std::mt19937 random_;
  Till till_;
  std::int64_t today_ = 1000;
  std::size_t any_ = 0;
  int next_ = 0;
};

TEST(Points, M7_20000_random_sequences_against_an_independent_model) {
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    Sequence(seed).Run();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

TEST(Points, M7_without_lapse_the_balance_is_what_was_earned_less_what_was_spent_and_taken_back) {
  std::mt19937 random(7);
  const auto upto = [&random](int high) { return std::uniform_int_distribution<int>(0, high)(random); };
  for (int round = 0; round < 2'000; ++round) {
    std::vector<Settled> settled;
    std::map<std::string, AllocatedPoints> allocated;
    std::int64_t earned = 0;
    std::int64_t spent = 0;
    std::int64_t taken = 0;
    for (int i = 0; i < 6; ++i) {
      if (upto(2) > 0) {
        settled.push_back(Sale("s" + std::to_string(i), upto(20), upto(2'000)));
        const std::int64_t points = settled.back().total / 100;
        earned += points;
        if (points == 0) continue;
        const std::int64_t part = upto(static_cast<int>(points));
        allocated["s" + std::to_string(i)] = {part, OnDay(30)};
        spent += part;
      } else {
        settled.push_back(Refund("r" + std::to_string(i), 20 + upto(5), -upto(2'000)));
        taken += -settled.back().total / 100;
      }
    }
    const Account account = Settle(settled, allocated, OnDay(40));
    const std::int64_t net = earned - spent - std::min(taken, earned);
    ASSERT_EQ(account.balance, std::max<std::int64_t>(net, 0)) << round;
    ASSERT_EQ(account.debt, std::max<std::int64_t>(-net, 0)) << round;
  }
}

TEST(Points, M7_a_reversal_gives_the_lots_what_was_drawn_from_them) {
  const std::vector<Settled> settled{Sale("a", 1, 3'000), Sale("b", 2, 5'000)};
  const std::map<std::string, AllocatedPoints> allocated{{"a", {30, OnDay(5)}}, {"b", {10, OnDay(5)}}};
  const Account spent = Settle(settled, allocated, OnDay(6));
  EXPECT_EQ(spent.lots[0].left, 0);
  EXPECT_EQ(spent.lots[1].left, 40);
  const Account reversed = Settle(settled, {}, OnDay(6));
  EXPECT_EQ(reversed.lots[0].left, 30);
  EXPECT_EQ(reversed.lots[1].left, 50);
  EXPECT_EQ(Settle(settled, {}, OnDay(101)).lots[0].left, 0) << "given back after it expired, it expires at once";
}

TEST(Points, M7_a_sale_that_was_corrected_to_a_refund_owes_what_was_spent_of_it) {
  const std::map<std::string, AllocatedPoints> allocated{{"s", {60, OnDay(5)}}};
  const Account account = Settle({Refund("s", 1, -2'000)}, allocated, OnDay(6));
  EXPECT_EQ(account.debt, 60);
  EXPECT_EQ(Settle({}, allocated, OnDay(6)).debt, 60) << "or is another customer's now";
}

}  // namespace
}  // namespace renxin::membership::points
