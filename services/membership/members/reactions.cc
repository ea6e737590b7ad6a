#include "services/membership/members/reactions.h"

#include <algorithm>
#include <set>

#include "renxin/leads/v1/leads_events.pb.h"
#include "renxin/membership/v1/membership_policy.pb.h"
#include "services/membership/members/refresh.h"
#include "shared/core/text.h"

namespace renxin::membership::members {
namespace {

// Who it is for in the points ledger.
constexpr const char* kMovedBy = "event:settlement_recorded";

using Recorded = leads::v1::SettlementRecorded;

Result<Fact> ToFact(const Zone& zone, const Recorded& event) {
  // Whose id is none would get a row that nobody can ask for.
  if (!IsUuid(event.customer_id())) return facts::Malformed("settlement without id, customer or version");
  return facts::ReadSettlement(zone, event);
}

void Remove(std::vector<Fact>& facts, const std::string& id) {
  std::erase_if(facts, [&](const Fact& fact) { return fact.event->settlement_id() == id; });
}

void PutIn(std::vector<Fact>& facts, Fact fact) {
  Remove(facts, fact.event->settlement_id());
  facts.push_back(std::move(fact));
  std::sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) { return a.event->settlement_id() < b.event->settlement_id(); });
}

// The events of one transaction: what is known is read at once, the events are taken in one by one, and what came of
// them is written at once.
class BatchUpdate {
 public:
  BatchUpdate(Tx& tx, const std::vector<runtime::Delivered<Recorded>>& delivered)
      : tx_(tx), env_(delivered.front().ctx.env), now_(delivered.front().ctx.now) {
    std::vector<std::string> ids;
    std::set<std::string> customers;
    for (const auto& [ctx, event, trace] : delivered) {
      ids.push_back(event.settlement_id());
      if (IsUuid(event.customer_id())) customers.insert(event.customer_id());
    }
    known_ = LastDelivered(tx, ids);
    for (const auto& [id, last] : known_) {
      stored_[id] = last.version;
      customers.insert(last.customer_id);
    }
    std::vector<Row> rows = LockAll(tx, {customers.begin(), customers.end()}, now_);
    // After the locks: somebody who was waited for may have worked by a version that is newer.
    policies_.emplace(tx);
    states_ = LoadMemberStates(tx, std::move(rows));
    for (std::size_t i = 0; i < states_.size(); ++i) at_[states_[i].row.customer_id] = i;
  }

  // `trace` is that of the last one that moved a customer, for what is published of them at the end.
  Status Apply(const EventContext& ctx, const Recorded& event, const observe::Trace& trace) {
    ASSIGN_OR_RETURN(Fact fact, ToFact(env_.zone, event));
    const std::string& id = event.settlement_id();
    LastVersion& last = known_[id];
    if (event.version() <= last.version) return Ok{};
    news_.insert_or_assign(id, NewFact{fact, stored_[id], ctx.occurred_at, ctx.recorded_at});
    // A corrected settlement may have been another customer's before.
    std::set<std::string> moved{event.customer_id()};
    if (!last.customer_id.empty()) {
      moved.insert(last.customer_id);
      Remove(Of(last.customer_id).facts, id);
    }
    PutIn(Of(event.customer_id()).facts, std::move(fact));
    last = {event.version(), event.customer_id()};
    for (const std::string& customer : moved) {
      Of(customer).trace = &trace;
      Advance(tx_, env_, *policies_, {FactKind::kSettlement, id, kMovedBy}, now_, &Of(customer));
    }
    return Ok{};
  }

  void Write() {
    std::vector<NewFact> facts;
    for (auto& [id, fact] : news_) facts.push_back(std::move(fact));
    StoreAll(tx_, facts);
    Finish(tx_, env_, *policies_, kMovedBy, now_, &states_);
  }

 private:
  MemberState& Of(const std::string& customer_id) { return states_[at_.at(customer_id)]; }

  Tx& tx_;
  const Environment& env_;
  Instant now_;
  std::optional<policy::History> policies_;
  std::map<std::string, LastVersion> known_;
  std::map<std::string, std::int64_t> stored_;  // settlement → version before this transaction
  std::vector<MemberState> states_;
  std::map<std::string, std::size_t> at_;
  std::map<std::string, NewFact> news_;
};

}  // namespace

std::vector<Status> OnSettlementsRecorded(Tx& tx, const std::vector<runtime::Delivered<Recorded>>& delivered) {
  BatchUpdate update(tx, delivered);
  std::vector<Status> done;
  for (const auto& [ctx, event, trace] : delivered) {
    const observe::TraceScope scope(trace);
    done.push_back(update.Apply(ctx, event, trace));
  }
  update.Write();
  return done;
}

}  // namespace renxin::membership::members
