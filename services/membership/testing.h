#pragma once
// A database of membership and the context in which its functions are called.

#include <memory>
#include <string>

#include "renxin/membership/v1/membership.pb.h"
#include "services/membership/members/reactions.h"
#include "services/membership/members/store.h"
#include "services/membership/policy/policy.h"
#include "shared/core/text.h"
#include "shared/policies/routes.h"
#include "shared/testing/databases.h"

namespace renxin::membership {

std::vector<db::Migration> Migrations();

class StoreTest : public renxin::testing::OnServiceTables {
 protected:
  StoreTest() : OnServiceTables(Migrations()) {}
  void SetUp() override {
    OnServiceTables::SetUp();
    Do([this](Tx& tx) { renxin::policies::Seed<policy::PolicySpec>(tx, {.now = now_, .key = "", .env = env_}); });
  }
  template <class Res, class Req>
  Result<Res> Call(Result<Res> (*handler)(Tx&, const CallContext&, const Req&), const Req& req) {
    db::Tx tx(session(), false);
    Result<Res> result = handler(tx, Context(), req);
    if (result.ok()) {
      tx.Flush();
      tx.Commit();
    }
    return result;
  }
  CallContext Context() const {
    return {.now = now_, .caller = {"a", "", "anna", {"customer_service"}}, .scope = {.all = true, .staff_ids = {}}, .env = env_};
  }

  leads::v1::SettlementRecorded Sale(const std::string& id, const std::string& settled_at, Fen fen, std::int64_t version = 1) const {
    leads::v1::SettlementRecorded event;
    event.set_settlement_id(id);
    event.set_source("till");
    event.set_settlement_no(id);
    event.set_kind(fen < 0 ? leads::v1::SETTLEMENT_KIND_REFUND : leads::v1::SETTLEMENT_KIND_SALE);
    event.set_customer_id(customer_);
    event.set_settled_at(settled_at);
    event.set_version(version);
    auto* line = event.add_lines();
    line->set_line_no("1");
    line->set_category("dental");
    line->set_amount_fen(fen);
    line->set_quantity(1);
    return event;
  }
  // What the reaction answers to each, all of them in one transaction.
  std::vector<Status> DeliverAll(const std::vector<leads::v1::SettlementRecorded>& events) {
    const EventContext ctx{.now = now_, .event_id = NewId(), .occurred_at = now_, .recorded_at = now_, .env = env_};
    std::vector<observe::Trace> traces(events.size());
    std::vector<runtime::Delivered<leads::v1::SettlementRecorded>> delivered;
    for (std::size_t i = 0; i < events.size(); ++i) {
      traces[i] = observe::Trace::New();
      delivered.push_back({ctx, events[i], traces[i]});
    }
    traces_ = traces;
    std::vector<Status> done;
    Do([&](Tx& tx) { done = members::OnSettlementsRecorded(tx, delivered); });
    return done;
  }
  void Deliver(const leads::v1::SettlementRecorded& event) { ASSERT_TRUE(DeliverAll({event}).front()); }

  std::int64_t Number(const std::string& sql) {
    db::Tx tx(session(), false);
    return std::get<0>(*tx.First<std::int64_t>("select cast((" + sql + ") as bigint)"));
  }
  members::Row Member(const std::string& customer_id) {
    db::Tx tx(session(), false);
    return members::Get(tx, customer_id).value_or(members::Row{});
  }
  std::vector<members::ClassChange> History() {
    db::Tx tx(session(), false);
    return members::History(tx, customer_, contract::Page(contract::Page::kMaxSize)).rows;
  }

  std::vector<observe::Trace> traces_;  // of the events of the last Tell
  privacy::Sealer sealer_{privacy::ServiceKeys::Generate()};
  Zone zone_{"Asia/Shanghai"};
  Environment env_{sealer_, zone_};
  Instant now_ = *ParseTime("2026-05-10T10:00:00+08:00");
  std::string customer_ = NewId();
};

}  // namespace renxin::membership
