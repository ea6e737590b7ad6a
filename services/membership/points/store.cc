#include "services/membership/points/store.h"

#include <algorithm>

#include "renxin/leads/v1/leads_events.pb.h"
#include "renxin/membership/v1/membership_policy.pb.h"
#include "services/membership/members/store.h"
#include "services/membership/policy/policy.h"
#include "shared/db/rows.h"

namespace renxin::membership::points {
namespace {

const db::InsertSpec kEntry{.table = "points_ledger",
                            .columns = {"customer_id", "ledger_account", "lot_id", "for_id", "points", "at", "by_whom"}};

const db::Rows<Entry> kEntries("points_ledger", {{"seq", &Entry::seq},
                                                 {"ledger_account", &Entry::key, &EntryKey::ledger_account},
                                                 {"lot_id", &Entry::key, &EntryKey::lot_id},
                                                 {"for_id", &Entry::key, &EntryKey::for_id},
                                                 {"points", &Entry::points},
                                                 {"at", &Entry::at},
                                                 {"by_whom", &Entry::by}});
const db::Rows<Redemption> kRedemptions("redemptions r left join redemption_reversals v on v.redemption_id = r.id",
                                        {{"r.id", &Redemption::id},
                                         {"r.customer_id", &Redemption::customer_id},
                                         {"r.points", &Redemption::points},
                                         {"r.reason", &Redemption::reason},
                                         {"r.at", &Redemption::at},
                                         {"r.by_whom", &Redemption::by},
                                         {"v.at", &Redemption::reversed_at},
                                         {"v.by_whom", &Redemption::reversed_by},
                                         {"v.reason", &Redemption::reversal_reason}});

std::vector<Settled> SettledOf(const Environment& env, const policy::History& policies, const std::vector<members::Fact>& facts) {
  std::vector<Settled> out;
  for (const members::Fact& fact : facts) {
    if (!fact.settled_at) continue;
    const Policy policy = policy::ForPoints(policies.On(fact.settled_on));
    Settled s{.id = fact.event->settlement_id()};
    s.sale = fact.event->kind() == leads::v1::SETTLEMENT_KIND_SALE;
    s.refund_of = fact.event->refund_of();
    s.at = *fact.settled_at;
    s.fen_per_point = policy.fen_per_point;
    s.expires_at = ExpiresAt(fact.settled_on, policy.months, env.zone);
    for (const auto& line : fact.event->lines()) s.total += line.amount_fen();
    out.push_back(std::move(s));
  }
  return out;
}

void Add(Tx& tx, const std::string& customer_id, const EntryKey& key, std::int64_t points, const By& by) {
  tx.Stage(kEntry, {customer_id, static_cast<std::int64_t>(key.ledger_account), key.lot_id, key.for_id, points, by.now.micros, by.whom});
}

std::vector<Allocation> AllocationsOf(Tx& tx, const std::string& customer_id, const std::string& redemption_id) {
  std::vector<Allocation> out;
  for (auto& [lot, points] : tx.Select<std::string, std::int64_t>(
           "select lot_id, points from points_ledger where customer_id = :customer and ledger_account = :ledger_account and for_id = :id "
           "and points < 0 "
           "order by seq limit 10000",
           {{"customer", customer_id}, {"ledger_account", static_cast<int>(LedgerAccount::kRedemption)}, {"id", redemption_id}})) {
    out.push_back({lot, -points});
  }
  return out;
}

}  // namespace

Account Load(Tx& tx, const Environment& env, const policy::History& policies, const std::vector<members::Fact>& facts,
             const std::string& customer_id, Instant now) {
  return Settle(SettledOf(env, policies, facts), StoredPointsOf(tx, {customer_id})[customer_id].allocated, now);
}

std::map<std::string, StoredPoints> StoredPointsOf(Tx& tx, const std::vector<std::string>& customer_ids) {
  std::map<std::string, StoredPoints> out;
  for (auto& [customer, ledger_account, lot, for_id, sum, last] :
       tx.SelectIn<std::string, std::int64_t, std::string, std::string, std::int64_t, std::int64_t>(
           "select customer_id, ledger_account, lot_id, for_id, cast(sum(points) as bigint), max(at) from points_ledger "
           "where customer_id in (:keys) group by customer_id, ledger_account, lot_id, for_id",
           customer_ids)) {
    StoredPoints& stored = out[customer];
    stored.sums[{static_cast<LedgerAccount>(ledger_account), lot, for_id}] = sum;
    if (static_cast<LedgerAccount>(ledger_account) != LedgerAccount::kRedemption || sum == 0) continue;
    AllocatedPoints& allocated = stored.allocated[lot];
    allocated.points -= sum;
    allocated.last = std::max(allocated.last, Instant{last});
  }
  return out;
}

Account Reconcile(Tx& tx, const Environment& env, const policy::History& policies, const std::vector<members::Fact>& facts,
                  const std::string& customer_id, const StoredPoints& stored, const By& by) {
  Account account = Settle(SettledOf(env, policies, facts), stored.allocated, by.now);
  for (const auto& [key, points] : Missing(Wanted(account), stored.sums)) Add(tx, customer_id, key, points, by);
  return account;
}

void Insert(Tx& tx, const Redemption& redemption) {
  tx.Exec("insert into redemptions (id, customer_id, points, reason, at, by_whom) values (:id, :customer, :points, :reason, :at, :by)",
          {{"id", redemption.id},
           {"customer", redemption.customer_id},
           {"points", redemption.points},
           {"reason", redemption.reason},
           {"at", redemption.at.micros},
           {"by", redemption.by}});
  for (const Allocation& allocation : redemption.allocations) {
    Add(tx, redemption.customer_id, {LedgerAccount::kRedemption, allocation.lot_id, redemption.id}, -allocation.points,
        {redemption.by, redemption.at});
  }
}

std::optional<Redemption> Get(Tx& tx, const std::string& customer_id, const std::string& id) {
  auto found = kRedemptions.First(tx, "where r.id = :id and r.customer_id = :customer", {{"id", id}, {"customer", customer_id}});
  if (!found) return std::nullopt;
  Redemption& redemption = *found;
  redemption.allocations = AllocationsOf(tx, customer_id, id);
  return found;
}

void Reverse(Tx& tx, const Redemption& redemption, const std::string& reason, const By& by) {
  tx.Exec("insert into redemption_reversals (redemption_id, reason, at, by_whom) values (:id, :reason, :at, :by)",
          {{"id", redemption.id}, {"reason", reason}, {"at", by.now.micros}, {"by", by.whom}});
  for (const Allocation& allocation : redemption.allocations)
    Add(tx, redemption.customer_id, {LedgerAccount::kRedemption, allocation.lot_id, redemption.id}, allocation.points, by);
}

contract::Paged<Entry> Ledger(Tx& tx, const std::string& customer_id, const contract::Page& page) {
  auto out = kEntries.Select(
      tx, "where customer_id = :customer and (:first = 1 or seq < :before) order by seq desc limit " + std::to_string(page.fetch()),
      {{"customer", customer_id}, {"first", page.first() ? 1 : 0}, {"before", page.Number(0)}});
  return contract::Cut(kLedgerList, page, std::move(out),
                       [](const Entry& entry) { return std::vector<std::string>{std::to_string(entry.seq)}; });
}

}  // namespace renxin::membership::points
