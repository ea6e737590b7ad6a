// The lists of commissions on both databases: page by page, and what their filters leave.

#include "services/commissions/ledger/handlers.h"
#include "services/commissions/ledger/store.h"
#include "services/commissions/testing.h"
#include "shared/testing/pages.h"

namespace renxin::commissions {
namespace {

using Names = std::vector<std::string>;

class ListsTest : public StoreTest {
 protected:
  void Propose(const std::string& code, int versions) {
    v1::ProposePlanRequest req;
    *req.mutable_document() = plans::ToDocument(plans::DefaultPlanA(), "a test");
    req.mutable_document()->set_code(code);
    req.set_effective_from("2026-06-01");
    for (int i = 0; i < versions; ++i) ASSERT_TRUE(Call(&plans::ProposePlan, req, Context(NewId())));
  }
  static void Post(Tx& tx, const std::string& period, const std::vector<ledger::Entry>& entries) {
    for (const ledger::Entry& entry : entries) {
      tx.Exec(
          "insert into ledger_entries (id, journal_id, account, amount_fen, period, memo, booked_at) values (:id, 'j', :account, :amount, "
          ":period, '', 0)",
          {{"id", NewId()}, {"account", entry.account}, {"amount", entry.amount}, {"period", period}});
    }
  }
  auto Lister(auto handler) {
    return [this, handler](const auto& req) { return Call(handler, req, Context()); };
  }
  static Names Plans(const v1::ListPlansResponse& page) {
    Names names;
    for (const auto& plan : page.plans()) names.push_back(plan.document().code() + " " + std::to_string(plan.version()));
    return names;
  }
  static Names Periods(const v1::ListPeriodsResponse& page) {
    Names names;
    for (const auto& period : page.periods()) names.push_back(period.period());
    return names;
  }
  static Names Accounts(const v1::ListLedgerAccountsResponse& page) {
    Names names;
    for (const auto& row : page.accounts()) names.push_back(row.account() + " " + std::to_string(row.balance_fen()));
    return names;
  }
};
RENXIN_ON_BOTH_DATABASES(ListsTest);

TEST_P(ListsTest, Plans_go_by_code_and_the_newest_version_first) {
  Propose("a", 3);
  Propose("b", 2);
  v1::ListPlansRequest req;
  testing::ExpectPages(req, Lister(&plans::ListPlans), Plans);
  EXPECT_EQ(Plans(*Call(&plans::ListPlans, req, Context())), (Names{"a 3", "a 2", "a 1", "b 2", "b 1", "plan-a 1", "plan-b 1"}));
  req.set_code("a");
  testing::ExpectPages(req, Lister(&plans::ListPlans), Plans);
  EXPECT_EQ(Plans(*Call(&plans::ListPlans, req, Context())), (Names{"a 3", "a 2", "a 1"}));
}

TEST_P(ListsTest, A_plan_that_cannot_be_read_does_not_end_the_list) {
  Do([&](Tx& tx) {
    tx.Exec(
        "insert into plans (id, code, version, effective_from, author, body, created_at) values (:id, 'a', 1, '2026-06-01', 'x', '?', 0)",
        {{"id", NewId()}});
  });
  v1::ListPlansRequest req;
  req.set_page_size(1);
  const auto first = *Call(&plans::ListPlans, req, Context());
  EXPECT_EQ(Plans(first), Names{});
  req.set_page_token(first.next_page_token());
  EXPECT_EQ(Plans(*Call(&plans::ListPlans, req, Context())), Names{"plan-a 1"});
}

TEST_P(ListsTest, A_plan_is_got_by_its_id) {
  const auto listed = *Call(&plans::ListPlans, v1::ListPlansRequest(), Context());
  v1::GetPlanRequest req;
  req.set_id(listed.plans(1).id());
  EXPECT_EQ(Call(&plans::GetPlan, req, Context())->document().code(), listed.plans(1).document().code());
  req.set_id(NewId());
  EXPECT_EQ(Call(&plans::GetPlan, req, Context()).error().code, Code::kNotFound);
}

TEST_P(ListsTest, C13_periods_go_from_the_current_one_back) {
  Do([&](Tx& tx) {
    Settle(tx, NewId(), "2026-03-10", 1'000'00);
    Settle(tx, NewId(), "2026-06-01", 1'000'00);
    periods::StoreFirstPeriod(tx, {*ParseMonth("2026-04"), "fang", now_});
  });
  ASSERT_TRUE(Lock("2026-04"));
  v1::ListPeriodsRequest req;
  testing::ExpectPages(req, Lister(&periods::ListPeriods), Periods);
  EXPECT_EQ(Periods(*Call(&periods::ListPeriods, req, Context())), (Names{"2026-06", "2026-05", "2026-04", "2026-03"}));
  for (const auto& [state, months] : std::vector<std::pair<v1::PeriodState, Names>>{{v1::PERIOD_STATE_OPEN, {"2026-06", "2026-05"}},
                                                                                    {v1::PERIOD_STATE_LOCKED, {"2026-04"}},
                                                                                    {v1::PERIOD_STATE_HISTORY, {"2026-03"}}}) {
    req.set_state(state);
    EXPECT_EQ(Periods(*Call(&periods::ListPeriods, req, Context())), months);
    v1::GetPeriodRequest one;
    one.set_period(months.back());
    EXPECT_EQ(Call(&periods::GetPeriod, one, Context())->state(), state);
  }
}

TEST_P(ListsTest, C14_accounts_go_by_name_and_a_period_has_its_own_balances) {
  Do([&](Tx& tx) {
    Post(tx, "2026-04", {{"expense:C3", 300}, {"payable:a", -100}, {"payable:b", -200}});
    Post(tx, "2026-05", {{"expense:C3", 50}, {"payable:b", -50}});
  });
  v1::ListLedgerAccountsRequest req;
  testing::ExpectPages(req, Lister(&ledger::ListLedgerAccounts), Accounts);
  EXPECT_EQ(Accounts(*Call(&ledger::ListLedgerAccounts, req, Context())), (Names{"expense:C3 350", "payable:a -100", "payable:b -250"}));
  req.set_period("2026-05");
  const auto may = *Call(&ledger::ListLedgerAccounts, req, Context());
  EXPECT_EQ(Accounts(may), (Names{"expense:C3 50", "payable:b -50"}));
  EXPECT_EQ(may.sum_fen(), 0);
}

}  // namespace
}  // namespace renxin::commissions
