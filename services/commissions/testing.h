#pragma once
// A database of commissions and the contexts in which its functions are called.

#include <string>
#include <vector>

#include "renxin/identity/v1/identity_events.pb.h"
#include "services/commissions/facts/reactions.h"
#include "services/commissions/facts/store.h"
#include "services/commissions/lock/handlers.h"
#include "services/commissions/periods/handlers.h"
#include "services/commissions/periods/store.h"
#include "services/commissions/plans/handlers.h"
#include "services/commissions/plans/store.h"
#include "services/commissions/statements/handlers.h"
#include "services/commissions/statements/store.h"
#include "shared/core/text.h"
#include "shared/operations/operation.h"
#include "shared/operations/runner.h"
#include "shared/runtime/roster.h"
#include "shared/testing/databases.h"

namespace renxin::commissions {

std::vector<db::Migration> Migrations();

// Answers what the owners of the facts are asked before a lock.
struct Owners final : runtime::ServiceClient {
  lock::ControlTotals totals;
  Result<std::string> CallBytes(std::string_view service, std::string_view, const google::protobuf::Message&, std::string_view) override {
    if (service == "leads") return totals.leads.SerializeAsString();
    if (service == "referrals") return totals.referrals.SerializeAsString();
    return totals.identity.SerializeAsString();
  }
  void Read(const std::function<void(Tx&)>& /*run*/) override {}
};

// An operation without its runner: each commit is a transaction of its own.
class RunHere final : public operations::Run {
 public:
  RunHere(std::string url, operations::Operation op, const Environment& env, Instant now, Owners& owners)
      : url_(std::move(url)), op_(std::move(op)), env_(env), now_(now), owners_(owners) {}
  const operations::Operation& operation() const override { return op_; }
  const Environment& env() const override { return env_; }
  runtime::ServiceClient& client() override { return owners_; }
  void Commit(const std::function<void(Tx&, operations::Operation&, Instant)>& step) override {
    if (before_commit) before_commit(++commits);
    db::Session session(url_);
    Tx tx(session, false);
    operations::Operation op = op_;
    step(tx, op, now_);
    operations::Save(tx, op, now_, now_);
    tx.Commit();
    op_ = std::move(op);
  }
  void ReadSnapshot(const std::function<void(Tx&)>& read) override {
    db::Session session(url_);
    Tx tx(session, true);
    read(tx);
    tx.Rollback();
  }

  int commits = 0;
  // Called with the number of the commit that is about to begin.
  std::function<void(int)> before_commit;

 private:
  std::string url_;
  operations::Operation op_;
  const Environment& env_;
  Instant now_;
  Owners& owners_;
};

class StoreTest : public renxin::testing::OnServiceTables {
 protected:
  StoreTest() : OnServiceTables(Migrations()) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    Do([this](Tx& tx) { plans::SeedDefaults(tx, {.now = now_, .key = "", .env = env_}); });
  }
  CallContext Context(const std::string& staff_id = "", const std::string& username = "fang") const {
    return {.now = now_, .caller = {"a", staff_id, username, {"finance"}}, .scope = {.all = true, .staff_ids = {}}, .env = env_};
  }
  EventContext OfEvent() const { return {.now = now_, .event_id = NewId(), .occurred_at = now_, .recorded_at = now_, .env = env_}; }
  // In a transaction of its own, which is rolled back when the handler refuses.
  template <class Res, class Req>
  Result<Res> Call(Result<Res> (*handler)(Tx&, const CallContext&, const Req&), const Req& req, const CallContext& ctx) {
    db::Tx tx(session(), false);
    Result<Res> result = handler(tx, ctx, req);
    if (result.ok()) tx.Commit();
    return result;
  }

  struct Staff {
    std::string id = NewId();
    std::int64_t version = 0;
    std::vector<std::pair<std::string, std::string>> plans;  // from day, plan
  };
  void Deliver(Tx& tx, Staff* staff) const {
    identity::v1::StaffChanged event;
    event.set_staff_id(staff->id);
    event.set_source("hr");
    event.set_staff_no(staff->id);
    event.set_version(++staff->version);
    event.set_joined_on(staff->plans.front().first);
    for (const auto& [from, plan] : staff->plans) {
      auto* period = event.add_periods();
      period->set_from(from);
      period->set_plan(plan);
    }
    ASSERT_TRUE(runtime::OnStaffChanged(tx, OfEvent(), event));
  }
  Staff Rep(const std::string& plan = "plan-a") {
    Staff staff{.plans = {{"2025-01-01", plan}}};
    Do([&](Tx& tx) { Deliver(tx, &staff); });
    return staff;
  }
  // Answers the recognition's id.
  std::string Recognise(Tx& tx, const Staff& rep, const std::string& customer, int share_bp, const std::string& id = NewId(),
                        std::int64_t version = 1) const {
    referrals::v1::ReferralRecognised event;
    event.set_recognition_id(id);
    event.set_customer_id(customer);
    event.set_rep_id(rep.id);
    event.set_from("2025-01-01");
    event.set_share_bp(share_bp);
    event.set_version(version);
    EXPECT_TRUE(facts::OnReferralRecognised(tx, OfEvent(), event));
    return id;
  }
  // Answers the settlement's id.
  std::string Settle(Tx& tx, const std::string& customer, const std::string& day, Fen fen) const {
    leads::v1::SettlementRecorded event;
    event.set_settlement_id(NewId());
    event.set_source("till");
    event.set_settlement_no("no-" + day);
    event.set_customer_id(customer);
    event.set_settled_at(day + "T10:00:00+08:00");
    event.set_version(1);
    auto* line = event.add_lines();
    line->set_line_no("1");
    line->set_category("dental");
    line->set_amount_fen(fen);
    EXPECT_TRUE(facts::OnSettlementRecorded(tx, OfEvent(), event));
    return event.settlement_id();
  }
  // A customer who is the rep's alone, with settlements by day. Answers the customer's id.
  std::string CustomerOf(const Staff& rep, const std::vector<std::pair<std::string, Fen>>& settled) {
    const std::string customer = NewId();
    Do([&](Tx& tx) {
      Recognise(tx, rep, customer, 10'000);
      for (const auto& [day, fen] : settled) Settle(tx, customer, day, fen);
    });
    return customer;
  }
  // What the owners would say if everything had been taken.
  lock::ControlTotals AsHere(const std::string& period) {
    lock::ControlTotals out;
    Do([&](Tx& tx) {
      for (const facts::DayTotal& total : facts::ControlTotals(tx, period)) {
        auto* day = out.leads.add_days();
        day->set_day(total.day);
        day->set_count(total.count);
        day->set_net_fen(total.net);
        day->set_versions(total.versions);
      }
      out.referrals.set_count(facts::RecognitionTotals(tx).count);
      out.referrals.set_versions(facts::RecognitionTotals(tx).versions);
      out.identity.set_count(facts::RosterTotals(tx).count);
      out.identity.set_versions(facts::RosterTotals(tx).versions);
    });
    return out;
  }
  static v1::LockPeriodRequest Period(const std::string& period) {
    v1::LockPeriodRequest req;
    req.set_period(period);
    return req;
  }
  // Begun as by the route; `before_commit` as of RunHere. The refusal of the route, or of the operation.
  Result<operations::Operation> Lock(const std::string& period, const std::function<void(int)>& before_commit = nullptr) {
    Owners owners;
    owners.totals = AsHere(period);
    Tx tx(session(), false);
    const auto begun = lock::LockPeriod(tx, Context(), Period(period), owners.totals);
    if (!begun) return begun.error();
    const operations::Operation op = *operations::Load(tx, begun->id());
    tx.Commit();
    RunHere run(url(), op, env_, now_, owners);
    run.before_commit = before_commit;
    const operations::Type type = lock::LockType();
    while (run.operation().state == operations::State::OPERATION_STATE_RUNNING) type.run(run);
    if (run.operation().failure) return *run.operation().failure;
    return run.operation();
  }
  v1::Statement StatementOf(const Staff& payee, const std::string& period) {
    v1::GetStatementRequest req;
    req.set_period(period);
    req.set_payee(payee.id);
    return *Call(&statements::GetStatement, req, Context());
  }

  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-06-10T10:00:00+08:00");
};

}  // namespace renxin::commissions
