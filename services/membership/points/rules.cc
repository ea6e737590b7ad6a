#include "services/membership/points/rules.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace renxin::membership::points {
namespace {

struct Linked {
  Fen total = 0;
  Instant last;
};

// By the settlement that is refunded.
std::map<std::string, Linked> LinkedRefunds(const std::vector<Settled>& settled) {
  std::map<std::string, Linked> out;
  for (const Settled& s : settled) {
    if (s.sale || s.refund_of.empty()) continue;
    Linked& linked = out[s.refund_of];
    linked.total += s.total;
    linked.last = std::max(linked.last, s.at);
  }
  return out;
}

// Rounded down, per settlement; never below zero.
std::int64_t PointsOf(Fen amount, Fen fen_per_point) { return std::max<Fen>(amount, 0) / fen_per_point; }

struct Draft {
  Account account;
  const std::map<std::string, AllocatedPoints>& allocated;
};

void AddLot(Draft* draft, Lot lot, Instant refunded_at) {
  if (const auto spent = draft->allocated.find(lot.id); spent != draft->allocated.end()) {
    lot.allocated = spent->second.points;
    lot.short_by = std::max<std::int64_t>(lot.allocated - lot.earned, 0);
    if (lot.short_by > 0)
      draft->account.claims.push_back({.id = lot.id, .at = std::max(refunded_at, spent->second.last), .points = lot.short_by});
  }
  draft->account.lots.push_back(std::move(lot));
}

// Lots of what was a settled sale when points were taken from it, and is none any more.
void AddGoneLots(Draft* draft) {
  std::set<std::string> known;
  for (const Lot& lot : draft->account.lots) known.insert(lot.id);
  for (const auto& [id, allocated] : draft->allocated) {
    if (allocated.points > 0 && !known.contains(id))
      AddLot(draft, {.id = id, .earned_at = allocated.last, .expires_at = allocated.last}, allocated.last);
  }
}

// A claim may take of a lot that expired only after the claim arose: its points were there to be taken.
bool Reaches(const Claim& claim, const Lot& lot, Instant now) { return lot.expires_at > claim.at || lot.expires_at > now; }

// Takes what is left in the lots that pass, oldest first; answers how much is still claimed.
template <class Passes>
std::int64_t Take(Account* account, const Claim& claim, std::int64_t claimed, Passes passes) {
  for (Lot& lot : account->lots) {
    const std::int64_t taken = passes(lot) ? std::min(claimed, lot.left) : 0;
    if (taken == 0) continue;
    lot.left -= taken;
    lot.claimed += taken;
    claimed -= taken;
    account->uses.push_back({claim.id, lot.id, taken});
  }
  return claimed;
}

// Of what an unlinked refund claims and no lot of its time has left, that which was spent of those lots is owed; the
// rest was never given, or had expired, and is not taken back.
std::int64_t Spent(Account* account, const Claim& claim, std::int64_t claimed) {
  std::int64_t owed = 0;
  for (Lot& lot : account->lots) {
    if (lot.earned_at > claim.at) continue;
    const std::int64_t part = std::min(claimed - owed, lot.allocated - lot.short_by - lot.owed_for);
    lot.owed_for += part;
    owed += part;
  }
  return owed;
}

void PayClaims(Account* account, Instant now) {
  std::sort(account->claims.begin(), account->claims.end(),
            [](const Claim& a, const Claim& b) { return std::tie(a.at, a.id) < std::tie(b.at, b.id); });
  for (Claim& claim : account->claims) {
    claim.owed = claim.points;
    if (claim.unlinked) {
      claim.owed =
          Take(account, claim, claim.points, [&](const Lot& lot) { return lot.earned_at <= claim.at && Reaches(claim, lot, now); });
      claim.owed = Spent(account, claim, claim.owed);
    }
    claim.owed = Take(account, claim, claim.owed, [&](const Lot& lot) { return Reaches(claim, lot, now); });
    account->debt += claim.owed;
  }
}

}  // namespace

Instant ExpiresAt(Day earned_on, int months, const Zone& zone) {
  int year = 0;
  int month = 0;
  int day = 0;
  SplitDay(earned_on, &year, &month, &day);
  const Month target = MonthOf(earned_on).Plus(months);
  const Day last_of_month = FirstDay(target.Plus(1)).Plus(-1);
  const Day last = std::min(FirstDay(target).Plus(day - 1), last_of_month);
  return zone.StartOf(last.Plus(1));
}

Account Settle(const std::vector<Settled>& settled, const std::map<std::string, AllocatedPoints>& allocated, Instant now) {
  Draft draft{.account = {}, .allocated = allocated};
  const std::map<std::string, Linked> refunds = LinkedRefunds(settled);
  for (const Settled& s : settled) {
    if (s.sale) {
      const auto refund = refunds.find(s.id);
      const Linked linked = refund == refunds.end() ? Linked{} : refund->second;
      AddLot(&draft,
             {.id = s.id, .earned_at = s.at, .expires_at = s.expires_at, .earned = PointsOf(s.total + linked.total, s.fen_per_point)},
             linked.last);
    } else if (s.refund_of.empty()) {
      if (const std::int64_t points = PointsOf(-s.total, s.fen_per_point); points > 0)
        draft.account.claims.push_back({.id = s.id, .at = s.at, .points = points, .unlinked = true});
    }
  }
  AddGoneLots(&draft);
  Account account = std::move(draft.account);
  std::sort(account.lots.begin(), account.lots.end(),
            [](const Lot& a, const Lot& b) { return std::tie(a.earned_at, a.id) < std::tie(b.earned_at, b.id); });
  for (Lot& lot : account.lots) lot.left = std::max<std::int64_t>(lot.earned - lot.allocated, 0);
  PayClaims(&account, now);
  for (Lot& lot : account.lots) {
    if (lot.expires_at <= now) {
      lot.expired = lot.left;
      lot.left = 0;
    }
    account.balance += lot.left;
  }
  return account;
}

Result<std::vector<Allocation>> Redeem(const Account& account, std::int64_t points) {
  if (points > account.balance) {
    return RuleBroken("points", "M7", "the balance is " + std::to_string(account.balance) + " points");
  }
  std::vector<Allocation> allocations;
  for (const Lot& lot : account.lots) {
    const std::int64_t taken = std::min(points, lot.left);
    if (taken == 0) continue;
    allocations.push_back({lot.id, taken});
    points -= taken;
  }
  return allocations;
}

std::optional<Instant> NextExpiry(const Account& account) {
  std::optional<Instant> next;
  for (const Lot& lot : account.lots) {
    if (lot.left > 0 && (!next || lot.expires_at < *next)) next = lot.expires_at;
  }
  return next;
}

Sums Wanted(const Account& account) {
  Sums wanted;
  for (const Lot& lot : account.lots) {
    wanted[{LedgerAccount::kEarned, lot.id, lot.id}] += lot.earned;
    wanted[{LedgerAccount::kClaim, lot.id, lot.id}] += lot.short_by;
    wanted[{LedgerAccount::kExpiry, lot.id, lot.id}] -= lot.expired;
  }
  for (const Use& use : account.uses) wanted[{LedgerAccount::kClaim, use.lot_id, use.claim_id}] -= use.points;
  for (const Claim& claim : account.claims) wanted[{LedgerAccount::kDebt, "", claim.id}] -= claim.owed;
  return wanted;
}

Sums Missing(const Sums& wanted, const Sums& stored) {
  Sums missing = wanted;
  for (const auto& [key, sum] : stored) {
    if (key.ledger_account != LedgerAccount::kRedemption) missing[key] -= sum;
  }
  std::erase_if(missing, [](const auto& entry) { return entry.second == 0; });
  return missing;
}

}  // namespace renxin::membership::points
