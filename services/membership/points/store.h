#pragma once
// The ledger of points and the redemptions. Entries are only ever added (M7).

#include <optional>
#include <string>
#include <vector>

#include "services/membership/points/rules.h"
#include "services/membership/policy/policy.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::facts {
struct Settlement;
}
namespace renxin::membership::members {
using Fact = facts::Settlement;
}

namespace renxin::membership::points {

struct By {
  std::string whom;
  Instant now;
};

// The account as facts and redemptions say it is now; writes nothing.
Account Load(Tx& tx, const Environment& env, const policy::History& policies, const std::vector<members::Fact>& facts,
             const std::string& customer_id, Instant now);
// What stands in the ledger of a customer, and what their redemptions have drawn.
struct StoredPoints {
  Sums sums;
  std::map<std::string, AllocatedPoints> allocated;
};
std::map<std::string, StoredPoints> StoredPointsOf(Tx& tx, const std::vector<std::string>& customer_ids);
// As Load, and the entries that the ledger lacks are added. The customer's row is locked.
Account Reconcile(Tx& tx, const Environment& env, const policy::History& policies, const std::vector<members::Fact>& facts,
                  const std::string& customer_id, const StoredPoints& stored, const By& by);

struct Redemption {
  std::string id;
  std::string customer_id;
  std::int64_t points = 0;
  std::string reason;
  Instant at;
  std::string by;
  std::optional<Instant> reversed_at;
  std::string reversed_by;
  std::string reversal_reason;
  std::vector<Allocation> allocations;
};
void Insert(Tx& tx, const Redemption& redemption);
std::optional<Redemption> Get(Tx& tx, const std::string& customer_id, const std::string& id);
// Gives every lot what was drawn from it.
void Reverse(Tx& tx, const Redemption& redemption, const std::string& reason, const By& by);

struct Entry {
  std::int64_t seq = 0;
  EntryKey key;
  std::int64_t points = 0;
  Instant at;
  std::string by;
};
// Newest first; `before` 0: from the newest.
inline const contract::List kLedgerList{"points_ledger", {contract::KeyPart::kNumber}};
contract::Paged<Entry> Ledger(Tx& tx, const std::string& customer_id, const contract::Page& page);

}  // namespace renxin::membership::points
