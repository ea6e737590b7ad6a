#pragma once
// Settlements as leads published them, kept by a service as a set of facts: of each the version that stands. What is read from the event,
// the columns that every such table has, and the rows read back.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/money.h"
#include "shared/db/stored.h"
#include "shared/runtime/doctor.h"

namespace renxin::leads::v1 {
class SettlementRecorded;
}

namespace renxin::facts {

// What a reaction answers to an event that no version of its publisher may send: a dead-letter entry at once.
Error Malformed(std::string_view what);

// A moment and its day in the hospital's zone (G3).
struct Counted {
  Instant at;
  Day on;
};
// `at` as an event has it, RFC 3339; empty: it has not come. `field` names it in the refusal.
Result<std::optional<Counted>> CountedAt(const Zone& zone, std::string_view field, std::string_view at);

struct Settlement {
  // Nothing and no day while it is in treatment.
  Day settled_on;
  std::optional<Instant> settled_at;
  std::shared_ptr<const leads::v1::SettlementRecorded> event;  // never null
};
// Checks the event and reads it.
Result<Settlement> ReadSettlement(const Zone& zone, const leads::v1::SettlementRecorded& event);
// Of all lines; of a refund negative.
Fen TotalOf(const leads::v1::SettlementRecorded& event);

inline constexpr std::string_view kSettlementTable = "settlement_facts";
// settlement_id, version, customer_id, settled_on, total_fen, occurred_at, recorded_at, body: the key first, then those that a table has
// of its own.
std::vector<std::string_view> SettlementColumns(const std::vector<std::string_view>& own = {});
// Their values, in that order.
std::vector<db::Value> SettlementValues(const Settlement& settlement, Instant occurred_at, Instant recorded_at,
                                        const std::vector<db::Value>& own = {});
// NULL while it is in treatment.
db::Value SettledOn(const Settlement& settlement);
std::string BodyOf(const Settlement& settlement);

// All of these customers, in treatment too, in the order of their ids; a row that cannot be read is reported and left out.
std::vector<Settlement> SettlementsOf(Tx& tx, const std::vector<std::string>& customer_ids,
                                      std::vector<db::UnreadableRow>* unreadable = nullptr);

// Whether the rows can be read (doctor.h); `rule` says what suffers from one that cannot.
runtime::NamedCheck SettlementsCheck(const std::string& rule);

}  // namespace renxin::facts
