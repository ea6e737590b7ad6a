// C13 on both databases: what a lock computes from is one snapshot, and what it must not collide with is serialised with it.

#include <future>
#include <map>
#include <set>

#include "services/commissions/ledger/handlers.h"
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

TEST_P(LockTest, C13_a_batch_that_commits_while_a_lock_runs_is_in_none_of_its_statements) {
  std::vector<Staff> reps;
  const std::string customer = NewId();
  // More than one draft's worth: the batch comes between two of them.
  reps.reserve(60);
  for (int i = 0; i < 60; ++i) reps.push_back(Rep());
  Do([&](Tx& tx) {
    Recognise(tx, reps.front(), customer, 5'000);
    Recognise(tx, reps.back(), customer, 5'000);
    Settle(tx, customer, "2026-05-10", 1'000'00);
  });
  const auto batch = [&](int commit) {
    if (commit == 3) Do([&](Tx& tx) { Settle(tx, customer, "2026-05-11", 1'000'00); });
  };
  const auto locked = Lock("2026-05", batch);
  ASSERT_TRUE(locked);
  EXPECT_EQ(locked->done, 60);
  for (const Staff& rep : {reps.front(), reps.back()}) {
    EXPECT_EQ(StatementOf(rep, "2026-05").performance_fen(), 500'00);
    const v1::Statement june = StatementOf(rep, "2026-06");
    EXPECT_EQ(june.lines(june.lines_size() - 1).corrects_period(), "2026-05") << "it came behind the snapshot: a correction";
    EXPECT_EQ(june.commission_fen(), 25'00);
  }
}

TEST_P(LockTest, C13_nothing_of_a_lock_is_seen_before_all_of_it_is) {
  const Staff rep = Rep();
  CustomerOf(rep, {{"2026-05-10", 1'000'00}});
  const auto look = [&](int) {
    EXPECT_FALSE(StatementOf(rep, "2026-05").locked());
    EXPECT_EQ(Call(&ledger::ListLedgerAccounts, v1::ListLedgerAccountsRequest(), Context())->accounts_size(), 0);
  };
  ASSERT_TRUE(Lock("2026-05", look));
  EXPECT_TRUE(StatementOf(rep, "2026-05").locked());
  const auto ledger = *Call(&ledger::ListLedgerAccounts, v1::ListLedgerAccountsRequest(), Context());
  EXPECT_EQ(ledger.accounts_size(), 2);
  EXPECT_EQ(ledger.sum_fen(), 0);
}

TEST_P(LockTest, C13_a_plan_that_comes_between_makes_the_lock_begin_anew) {
  const Staff rep = Rep();
  CustomerOf(rep, {{"2026-05-10", 1'000'00}});
  int proposed = 0;
  int commits = 0;
  const auto propose = [&](int commit) {
    commits = commit;
    // The last of the three: dropping, drafting, freezing.
    if (commit != 3 || proposed++ > 0) return;
    EXPECT_TRUE(Propose("2026-06-01", Context("s1", "one")));
  };
  const auto locked = Lock("2026-05", propose);
  ASSERT_TRUE(locked);
  EXPECT_EQ(proposed, 1);
  EXPECT_EQ(commits, 7);
  EXPECT_EQ(locked->checkpoint.substr(0, 9), "settings ") << "a step onward: the runner counts no failure";
  EXPECT_EQ(StatementOf(rep, "2026-05").commission_fen(), 50'00) << "once, not twice";
  EXPECT_EQ(Call(&ledger::ListLedgerAccounts, v1::ListLedgerAccountsRequest(), Context())->accounts_size(), 2);
}

TEST_P(LockTest, C13_what_changes_between_the_request_and_the_lock_refuses_it_with_the_list) {
  const Staff rep = Rep();
  const std::string customer = CustomerOf(rep, {{"2026-05-10", 1'000'00}});
  const auto arrives = [&](int commit) {
    if (commit == 1) Do([&](Tx& tx) { Settle(tx, customer, "2026-05-11", 1'000'00); });
  };
  const auto refused = Lock("2026-05", arrives);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kPeriodNotReady);
  EXPECT_EQ(refused.error().fields.at(0).field, "2026-05-11");
  EXPECT_FALSE(StatementOf(rep, "2026-05").locked());
}

TEST_P(LockTest, C13_drafts_of_an_attempt_that_died_are_dropped_and_a_second_request_joins_the_first) {
  const Staff rep = Rep();
  CustomerOf(rep, {{"2026-05-10", 1'000'00}});
  const auto dies = [&](int commit) {
    if (commit == 3) throw std::runtime_error("killed");
  };
  EXPECT_THROW(static_cast<void>(Lock("2026-05", dies)), std::runtime_error);
  const auto drafts = [&] {
    return Do([](Tx& tx) { return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from draft_statements")); });
  };
  EXPECT_EQ(drafts(), 1);
  const auto locked = Lock("2026-05");
  ASSERT_TRUE(locked) << "the same operation, begun again";
  EXPECT_EQ(Do([](Tx& tx) { return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from operations")); }), 1);
  EXPECT_EQ(StatementOf(rep, "2026-05").commission_fen(), 50'00);
  Do([&](Tx& tx) { lock::DropOldDrafts(tx, {.now = now_, .key = locked->id, .env = env_}); });
  EXPECT_EQ(drafts(), 0);
}

// C1: what is carried out of a locked month is kept by payee and rule; later periods begin there and read nothing that lies before.
TEST_P(LockTest, C1_an_open_period_begins_at_the_closing_of_the_last_locked_one) {
  const Staff rep = Rep("plan-b");
  const std::string customer = CustomerOf(rep, {{"2026-04-11", -1'300'00}, {"2026-05-10", 20'000'00}});
  const std::string old = Do([&](Tx& tx) { return Settle(tx, customer, "2026-04-10", 1'000'00); });
  const v1::Statement before = StatementOf(rep, "2026-05");
  ASSERT_TRUE(Lock("2026-04"));
  EXPECT_EQ(StatementOf(rep, "2026-05").SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(before.lines(0).carried_in_fen(), -300'00);
  // What lies before is not read: broken there, nothing is missing.
  Do([&](Tx& tx) { tx.Exec("update settlement_facts set body = '!' where settlement_id = :id", {{"id", old}}); });
  EXPECT_EQ(StatementOf(rep, "2026-05").SerializeAsString(), before.SerializeAsString());
}

TEST_P(LockTest, C1_C13_a_closing_holds_only_while_what_it_was_computed_from_is_the_same) {
  Staff rep = Rep("plan-b");
  const Staff other = Rep("plan-b");
  const std::string customer = CustomerOf(rep, {{"2026-04-10", -300'00}, {"2026-05-10", 20'000'00}});
  ASSERT_TRUE(Lock("2026-04"));
  const auto carried = [&] { return StatementOf(rep, "2026-05").lines(0).carried_in_fen(); };
  EXPECT_EQ(carried(), -300'00);
  Do([&](Tx& tx) { Settle(tx, customer, "2026-04-12", 100'00); });
  EXPECT_EQ(carried(), -200'00) << "a late settlement";
  ASSERT_TRUE(Lock("2026-05"));
  EXPECT_EQ(StatementOf(rep, "2026-06").lines(0).carried_in_fen(), 0);
  // A customer who comes over brings their months along.
  const std::string second = NewId();
  Do([&](Tx& tx) {
    Settle(tx, second, "2026-05-20", -50'000'00);
    Recognise(tx, rep, second, 10'000);
  });
  EXPECT_EQ(StatementOf(rep, "2026-06").lines(0).carried_in_fen(), 20'000'00 - 200'00 - 50'000'00);
  EXPECT_EQ(StatementOf(other, "2026-06").lines(0).carried_in_fen(), 0);
}

TEST_P(LockTest, statements_of_a_period_come_in_pages_that_give_each_payee_once) {
  std::set<std::string> added;
  for (int i = 0; i < 5; ++i) added.insert(Rep().id);
  v1::ListStatementsRequest req;
  req.set_period("2026-05");
  req.set_page_size(2);
  std::set<std::string> seen;
  int pages = 0;
  do {
    const auto listed = *Call(&statements::ListStatements, req, Context());
    for (const auto& row : listed.statements()) EXPECT_TRUE(seen.insert(row.payee_id()).second);
    req.set_page_token(listed.next_page_token());
    ++pages;
  } while (!req.page_token().empty());
  EXPECT_EQ(seen, added);
  EXPECT_EQ(pages, 3);
  CallContext own = Context();
  own.scope = {.all = false, .staff_ids = {*added.begin(), NewId()}};
  req.clear_page_token();
  const auto listed = *Call(&statements::ListStatements, req, own);
  ASSERT_EQ(listed.statements_size(), 1);
  EXPECT_EQ(listed.statements(0).payee_id(), *added.begin());
}

TEST_P(LockTest, C13_the_first_lock_needs_a_first_period_where_earlier_months_hold_facts) {
  const Staff rep = Rep();
  const std::string customer = CustomerOf(rep, {{"2026-03-10", -300'00}, {"2026-04-10", 1'000'00}, {"2026-05-10", 1'000'00}});
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
  const std::string customer = CustomerOf(rep, {{"2026-04-10", 1'000'00}});
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
                      {"2026-06", v1::PERIOD_STATE_OPEN}, {"2026-05", v1::PERIOD_STATE_OPEN}, {"2026-04", v1::PERIOD_STATE_HISTORY}}));
  EXPECT_EQ(listed.first_period().period(), "2026-05");
}

TEST_P(LockTest, C13_a_move_into_a_locked_period_is_the_reason_of_its_correction) {
  Staff rep = Rep();
  CustomerOf(rep, {{"2026-04-10", 20'000'00}});
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
  const std::string customer = CustomerOf(rep, {{"2026-05-10", 1'000'00}});
  const std::string bad = Do([&](Tx& tx) { return Settle(tx, customer, "2026-05-11", 1'000'00); });
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
