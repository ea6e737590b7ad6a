#pragma once
// Points (M7) as a pure function of settlements and redemptions. A settlement earns a lot; a refund that names it
// makes the lot smaller, and what of it was spent already is claimed. An unlinked refund claims points of the lots that
// were there: what is left in them, and what was spent of them. Claims take from the oldest lots; what was spent and no
// lot can pay is debt, and later lots pay it. So late and repeated facts lead to the same account.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "shared/core/money.h"
#include "shared/core/time.h"

namespace renxin::membership::points {

struct Policy {
  // So many fen earn one point.
  Fen fen_per_point = 100;
  int months = 24;
};

// Points last to the end of the day so many calendar months on, clamped to the month's end, in the hospital's zone.
Instant ExpiresAt(Day earned_on, int months, const Zone& zone);

// A settled settlement.
struct Settled {
  std::string id;
  bool sale = false;
  // Of a refund; empty: unlinked.
  std::string refund_of;
  Instant at;
  Fen total = 0;
  // By the policy of its day.
  Fen fen_per_point = 100;
  Instant expires_at;
};

// What redemptions that stand have drawn from a lot, and when last.
struct AllocatedPoints {
  std::int64_t points = 0;
  Instant last;
};

struct Lot {
  std::string id;
  Instant earned_at;
  Instant expires_at;
  std::int64_t earned = 0;
  std::int64_t allocated = 0;
  // Spent, and then taken back by a refund.
  std::int64_t short_by = 0;
  // Spent, and then claimed by unlinked refunds.
  std::int64_t owed_for = 0;
  std::int64_t claimed = 0;
  std::int64_t expired = 0;
  std::int64_t left = 0;
};

// What a claim took from a lot.
struct Use {
  std::string claim_id;
  std::string lot_id;
  std::int64_t points = 0;
};

struct Claim {
  std::string id;
  Instant at;
  std::int64_t points = 0;
  bool unlinked = false;
  // What no lot could pay.
  std::int64_t owed = 0;
};

struct Account {
  std::vector<Lot> lots;  // oldest first
  std::vector<Claim> claims;
  std::vector<Use> uses;
  // What can be spent now.
  std::int64_t balance = 0;
  std::int64_t debt = 0;
};

Account Settle(const std::vector<Settled>& settled, const std::map<std::string, AllocatedPoints>& allocated, Instant now);

struct Allocation {
  std::string lot_id;
  std::int64_t points = 0;
};
// Oldest lots first; refused when the balance does not reach.
Result<std::vector<Allocation>> Redeem(const Account& account, std::int64_t points);

// When the next lot that has points left expires.
std::optional<Instant> NextExpiry(const Account& account);

// The ledger's accounts. What stands in the ledger is brought to what Settle says by a further entry, never by a change.
enum class LedgerAccount : std::uint8_t { kEarned = 1, kClaim = 2, kExpiry = 3, kDebt = 4, kRedemption = 5 };

struct EntryKey {
  LedgerAccount ledger_account = LedgerAccount::kEarned;
  std::string lot_id;  // empty: debt
  std::string for_id;
  bool operator<(const EntryKey& other) const {
    return std::tie(ledger_account, lot_id, for_id) < std::tie(other.ledger_account, other.lot_id, other.for_id);
  }
};
using Sums = std::map<EntryKey, std::int64_t>;
// What the entries of each key must add up to; redemptions are entered by themselves.
Sums Wanted(const Account& account);
// Wanted less what stands, without the redemptions: the entries to append.
Sums Missing(const Sums& wanted, const Sums& stored);

}  // namespace renxin::membership::points
