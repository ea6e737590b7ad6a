// C13 on both databases: what a lock reads is one snapshot, and what it must not meet is serialised with it.

#include <future>
#include <map>
#include <set>

#include "services/commissions/testing.h"
#include "shared/db/lane.h"

namespace renxin::commissions {
namespace {

using std::chrono::seconds;

class LockTest : public StoreTest {
 protected:
  v1::ProposePlanRequest Proposal(const std::string& code, const std::string& from) {
    v1::ProposePlanRequest req;
    *req.mutable_document() = plans::ToDocument(plans::DefaultPlanA(), "a test");
    req.mutable_document()->set_code(code);
    req.set_effective_from(from);
    return req;
  }
  Result<v1::PlanVersion> Propose(const std::string& from, const CallContext& ctx) {
    return Call(&plans::ProposePlan, Proposal("p", from), ctx);
  }
  Result<v1::PlanVersion> Approve(const std::string& id, const CallContext& ctx) {
    v1::ApprovePlanRequest req;
    req.set_id(id);
    return Call(&plans::ApprovePlan, req, ctx);
  }
  Result<v1::FirstPeriod> SetFirst(const std::string& period) {
    v1::SetFirstPeriodRequest req;
    req.set_period(period);
    req.set_reason("the suite began in that month");
    return Call(&periods::SetFirstPeriod, req, Context());
  }
};
RENXIN_ON_BOTH_DATABASES(LockTest);

TEST_P(LockTest, C13_a_job_that_reads_a_snapshot_never_sees_half_of_a_batch) {
  const Staff first = Rep();
  const Staff second = Rep();
  db::Lane lane({.url = url(), .name = "lock"});
  std::promise<void> one_is_read;
  std::promise<void> batch_is_committed;
  auto committed = batch_is_committed.get_future();
  std::vector<Fen> performances;
  std::promise<void> done;
  ASSERT_TRUE(lane.Submit({.run =
                               [&](Tx& tx) {
                                 statements::StatementCalculator calculator(tx);
                                 performances = {calculator.Find(first.id, *ParseMonth("2026-05"))->statement->performance_fen()};
                                 one_is_read.set_value();
                                 // SQLite has one writer: there the batch waits for this job, not the job for the batch.
                                 if (GetParam() == "postgres") committed.wait();
                                 performances.push_back(calculator.Find(second.id, *ParseMonth("2026-05"))->statement->performance_fen());
                                 return true;
                               },
                           .done = [&](const std::exception_ptr&) { done.set_value(); },
                           .deadline = std::chrono::steady_clock::now() + seconds(30),
                           .snapshot = true}));
  one_is_read.get_future().wait();
  const std::string customer = NewId();
  Do([&](Tx& tx) {
    Recognise(tx, first, customer, 5'000);
    Recognise(tx, second, customer, 5'000);
    Settle(tx, customer, "2026-05-10", 1'000'00);
  });
  batch_is_committed.set_value();
  done.get_future().wait();
  EXPECT_EQ(performances, (std::vector<Fen>{0, 0}));
  EXPECT_EQ(StatementOf(second, "2026-05").performance_fen(), 500'00);
}

// The batch holds the roster while the lock has compared its totals already and waits to draw the statements.
TEST_P(LockTest, C13_a_batch_that_commits_while_a_lock_runs_is_in_none_of_its_statements) {
  const Staff rep = Rep();
  const std::string customer = NewId();
  Do([&](Tx& tx) {
    Recognise(tx, rep, customer, 10'000);
    Settle(tx, customer, "2026-05-10", 1'000'00);
  });
  const periods::ControlTotals theirs = AsHere("2026-05");
  db::Lane lane({.url = url(), .name = "lock"});
  Result<v1::Period> locked = Error{};
  std::promise<void> done;
  const auto lock = [&] {
    ASSERT_TRUE(lane.Submit({.run =
                                 [&](Tx& tx) {
                                   locked = periods::LockPeriod(tx, Context(), Period("2026-05"), theirs);
                                   return locked.ok();
                                 },
                             .done = [&](std::exception_ptr) { done.set_value(); },
                             .deadline = std::chrono::steady_clock::now() + seconds(30),
                             .snapshot = true}));
  };
  Do([&](Tx& tx) {
    if (GetParam() == "postgres") tx.Exec("lock table roster in access exclusive mode");
    lock();
    // It waits behind us: on PostgreSQL for the roster, on SQLite for the one writer.
    if (GetParam() == "postgres") {
      db::Session other(url());
      ASSERT_TRUE(renxin::testing::Eventually(seconds(10), [&] {
        Tx look(other, false);
        return std::get<0>(*look.First<std::int64_t>(
                   "select cast(count(*) as bigint) from pg_locks where not granted and relation = cast('roster' as regclass)")) > 0;
      }));
    }
    Settle(tx, customer, "2026-05-11", 1'000'00);
  });
  done.get_future().wait();
  // Either it began before the batch and has nothing of it, or it came behind and the totals differ.
  if (locked.ok()) {
    EXPECT_EQ(StatementOf(rep, "2026-05").performance_fen(), 1'000'00);
    EXPECT_EQ(GetParam(), "postgres");
  } else {
    EXPECT_EQ(locked.error().fields.at(0).field, "2026-05-11");
  }
}

TEST_P(LockTest, C13_a_lock_outside_of_a_snapshot_is_a_fault) {
  if (GetParam() == "sqlite") {
    db::Tx tx(session(), false);
    EXPECT_TRUE(tx.snapshot()) << "one writer a file";
    return;
  }
  db::Tx tx(session(), false);
  EXPECT_THROW(static_cast<void>(periods::LockPeriod(tx, Context(), Period("2026-05"), {})), std::logic_error);
}

TEST_P(LockTest, C13_the_first_lock_needs_a_first_period_where_earlier_months_hold_facts) {
  const Staff rep = Rep();
  const std::string customer = NewId();
  Do([&](Tx& tx) {
    Recognise(tx, rep, customer, 10'000);
    Settle(tx, customer, "2026-03-10", -300'00);
    Settle(tx, customer, "2026-04-10", 1'000'00);
    Settle(tx, customer, "2026-05-10", 1'000'00);
  });
  EXPECT_FALSE(StatementOf(rep, "2026-03").history()) << "until it is set there is none";
  EXPECT_EQ(StatementOf(rep, "2026-04").lines(0).carried_in_fen(), -300'00);
  const auto refused = Lock("2026-04");
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().fields.size(), 1U);
  EXPECT_EQ(refused.error().fields[0].field, "2026-03");
  EXPECT_EQ(refused.error().fields[0].message.substr(0, 22), "1 settlements, -300.00");

  EXPECT_EQ(SetFirst("2026-05")->period(), "2026-05");
  EXPECT_EQ(SetFirst("2026-04")->fixed(), false) << "changeable until the first lock";
  EXPECT_EQ(SetFirst("2026-07").error().reason, Reason::kInvalidField) << "a month that lies ahead";
  EXPECT_TRUE(StatementOf(rep, "2026-03").history());
  EXPECT_EQ(StatementOf(rep, "2026-04").lines(0).carried_in_fen(), 0) << "carry into it is zero";
  EXPECT_FALSE(Lock("2026-03")) << "history is never locked";
  ASSERT_TRUE(Lock("2026-04"));
  EXPECT_EQ(SetFirst("2026-05").error().reason, Reason::kWrongState);

  // Late facts: of history nothing, of the locked month a correction.
  Do([&](Tx& tx) { Settle(tx, customer, "2026-03-20", 5'000'00); });
  EXPECT_EQ(StatementOf(rep, "2026-05").lines_size(), 1);
  Do([&](Tx& tx) { Settle(tx, customer, "2026-04-20", 1'000'00); });
  EXPECT_EQ(StatementOf(rep, "2026-05").lines(1).amount_fen(), 50'00);
}

TEST_P(LockTest, C13_a_first_lock_without_earlier_facts_makes_its_month_the_first_period) {
  const Staff rep = Rep();
  const std::string customer = NewId();
  Do([&](Tx& tx) {
    Recognise(tx, rep, customer, 10'000);
    Settle(tx, customer, "2026-04-10", 1'000'00);
  });
  ASSERT_TRUE(Lock("2026-04"));
  Do([&](Tx& tx) { Settle(tx, customer, "2026-03-10", -500'00); });
  EXPECT_TRUE(StatementOf(rep, "2026-03").history());
  EXPECT_EQ(StatementOf(rep, "2026-05").lines_size(), 1) << "nothing of it is carried or corrected";
}

TEST_P(LockTest, C13_periods_are_listed_around_today) {
  const std::string customer = NewId();
  Do([&](Tx& tx) {
    Settle(tx, customer, "2026-04-10", 1'000'00);
    Settle(tx, customer, "2062-04-10", 1'000'00);
  });
  ASSERT_TRUE(SetFirst("2026-05"));
  const auto listed = *Call(&periods::ListPeriods, v1::ListPeriodsRequest(), Context());
  std::vector<std::pair<std::string, v1::PeriodState>> rows;
  for (const auto& period : listed.periods()) rows.emplace_back(period.period(), period.state());
  EXPECT_EQ(rows, (std::vector<std::pair<std::string, v1::PeriodState>>{
                      {"2026-04", v1::PERIOD_STATE_HISTORY}, {"2026-05", v1::PERIOD_STATE_OPEN}, {"2026-06", v1::PERIOD_STATE_OPEN}}));
  EXPECT_EQ(listed.first_period().period(), "2026-05");
}

TEST_P(LockTest, C13_a_move_into_a_locked_period_is_the_reason_of_its_correction) {
  Staff rep = Rep();
  const std::string customer = NewId();
  Do([&](Tx& tx) {
    Recognise(tx, rep, customer, 10'000);
    Settle(tx, customer, "2026-04-10", 20'000'00);
  });
  ASSERT_TRUE(Lock("2026-04"));
  rep.plans.emplace_back("2026-04-05", "plan-b");
  Do([&](Tx& tx) { Deliver(tx, &rep); });
  const v1::Statement may = StatementOf(rep, "2026-05");
  const auto& correction = may.lines(may.lines_size() - 1);
  EXPECT_EQ(correction.explanation(), "C13: 2026-04 was locked at 1000.00 and should have been 800.00; changed since: move of staff " +
                                          rep.id + " from 2026-04-05 on (plan plan-a → plan-b)");
}

// The recognition goes over to another rep, and the first has no plan any more: the correction reaches both.
TEST_P(LockTest, C13_C17_a_correction_reaches_who_has_nothing_else_any_more) {
  Staff first = Rep();
  const Staff second = Rep();
  const std::string customer = NewId();
  std::string recognition;
  Do([&](Tx& tx) {
    recognition = Recognise(tx, first, customer, 10'000);
    Settle(tx, customer, "2026-04-10", 1'000'00);
  });
  ASSERT_TRUE(Lock("2026-04"));
  first.plans.emplace_back("2026-05-01", "");
  Do([&](Tx& tx) {
    Deliver(tx, &first);
    Recognise(tx, second, customer, 10'000, recognition, 2);
  });
  v1::ListStatementsRequest req;
  req.set_period("2026-05");
  std::map<std::string, Fen> paid;
  const auto listed = *Call(&statements::ListStatements, req, Context());
  for (const auto& row : listed.statements()) paid[row.payee_id()] = row.commission_fen();
  EXPECT_EQ(paid, (std::map<std::string, Fen>{{first.id, -50'00}, {second.id, 50'00}}));
  const v1::Statement may = StatementOf(second, "2026-05");
  EXPECT_EQ(may.lines(may.lines_size() - 1).explanation(),
            "C13: 2026-04 was locked at 0.00 and should have been 50.00; changed since: no-2026-04-10 (recognised late)");
  ASSERT_TRUE(Lock("2026-05"));
  req.set_period("2026-06");
  EXPECT_EQ(Call(&statements::ListStatements, req, Context())->statements_size(), 1) << "and then it is over";
}

TEST_P(LockTest, C13_a_row_that_cannot_be_read_is_named_and_refuses_the_lock) {
  const Staff rep = Rep();
  const Staff other = Rep();
  const std::string customer = NewId();
  std::string bad;
  Do([&](Tx& tx) {
    Recognise(tx, rep, customer, 10'000);
    Settle(tx, customer, "2026-05-10", 1'000'00);
    bad = Settle(tx, customer, "2026-05-11", 1'000'00);
  });
  Do([&](Tx& tx) { tx.Exec("update settlement_facts set body = '!' where settlement_id = :id", {{"id", bad}}); });
  const v1::Statement statement = StatementOf(rep, "2026-05");
  EXPECT_EQ(statement.performance_fen(), 1'000'00) << "the rest goes on";
  ASSERT_EQ(statement.unreadable_rows_size(), 1);
  EXPECT_EQ(statement.unreadable_rows(0), "settlement_facts: " + bad);
  EXPECT_EQ(StatementOf(other, "2026-05").unreadable_rows_size(), 0) << "it lacks nothing";
  const auto refused = Lock("2026-05");
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().fields.size(), 1U);
  EXPECT_EQ(refused.error().fields[0].field, "settlement_facts");
  EXPECT_EQ(refused.error().fields[0].message, "the row " + bad + " cannot be read");
  Do([&](Tx& tx) { tx.Exec("update roster set periods = '!' where staff_id = :id", {{"id", other.id}}); });
  EXPECT_EQ(Lock("2026-05").error().fields.size(), 2U) << "of the roster too";
}

TEST_P(LockTest, C2_proposer_and_approvers_are_persons) {
  const CallContext author = Context("s1", "one");
  EXPECT_EQ(Propose("2026-06-01", Context()).error().message, "C2: an account without a staff record neither proposes nor approves a plan");
  const std::string id = Propose("2026-06-01", author)->id();
  EXPECT_EQ(Approve(id, Context()).error().code, Code::kPermissionDenied);
  EXPECT_EQ(Approve(id, Context("s1", "another account")).error().message, "C2: its author does not approve a plan");
  EXPECT_FALSE(Approve(id, Context("s2", "two"))->approved());
  EXPECT_EQ(Approve(id, Context("s2", "two-b")).error().message, "C2: two different people approve");
  const auto approved = *Approve(id, Context("s3", "three"));
  EXPECT_TRUE(approved.approved());
  EXPECT_EQ(std::set<std::string>(approved.approver_staff_ids().begin(), approved.approver_staff_ids().end()),
            (std::set<std::string>{"s2", "s3"}));
}

// "shipped" is the author of what comes with the suite; anybody may have an account of that name.
TEST_P(LockTest, C2_an_account_by_the_name_of_the_makers_approves_nothing) {
  EXPECT_FALSE(Propose("2026-06-01", Context("s1", "shipped"))->approved());
  EXPECT_EQ(Do([](Tx& tx) { return plans::PlanCatalogue(tx, nullptr).On("p", MakeDay(2026, 6, 2)); }), nullptr);
}

TEST_P(LockTest, C2_a_version_never_takes_effect_inside_a_locked_period) {
  const std::string waiting = Propose("2026-05-01", Context("s1", "one"))->id();
  ASSERT_TRUE(Lock("2026-05"));
  EXPECT_EQ(Propose("2026-05-31", Context("s1", "one")).error().reason, Reason::kPeriodLocked);
  EXPECT_EQ(Approve(waiting, Context("s2", "two")).error().reason, Reason::kPeriodLocked) << "the month was locked meanwhile";
  EXPECT_TRUE(Propose("2026-06-01", Context("s1", "one")));
  EXPECT_EQ(Propose("2027-06-11", Context("s1", "one")).error().fields[0].message, "lies more than a year ahead");
}

TEST_P(LockTest, C2_versions_of_a_code_are_numbered_one_after_the_other_concurrently) {
  db::Lanes lanes(url(), "plans", 3);
  constexpr int kCount = 24;
  std::vector<std::future<std::int64_t>> versions;
  for (int i = 0; i < kCount; ++i) {
    auto promise = std::make_shared<std::promise<std::int64_t>>();
    auto version = std::make_shared<std::int64_t>(0);
    versions.push_back(promise->get_future());
    ASSERT_TRUE(lanes.For(std::to_string(i))
                    .Submit({.run =
                                 [this, version](Tx& tx) {
                                   const auto made = plans::ProposePlan(tx, Context("s1", "one"), Proposal("p", "2026-06-01"));
                                   *version = made->version();
                                   return true;
                                 },
                             .done = [promise, version](const std::exception_ptr& error) { promise->set_value(error ? -1 : *version); },
                             .deadline = std::chrono::steady_clock::now() + seconds(30)}));
  }
  std::set<std::int64_t> found;
  for (auto& version : versions) found.insert(version.get());
  EXPECT_EQ(found.size(), static_cast<std::size_t>(kCount));
  EXPECT_EQ(*found.begin(), 1);
  EXPECT_EQ(*found.rbegin(), kCount);
}

}  // namespace
}  // namespace renxin::commissions
