#pragma once
// Members as they stand, the settlements they stand by, and the history of their class.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/membership/members/rules.h"
#include "shared/contract/page.h"
#include "shared/facts/settlements.h"
#include "shared/runtime/context.h"

namespace renxin::membership::members {

struct Row {
  std::string customer_id;
  std::optional<Instant> since;
  std::string source;
  Class member_class = Class::kNone;
  bool factor_a = false;
  bool factor_b = false;
  bool factor_c = false;
  Fen net_spend = 0;
  bool dispute_open = false;
  std::int64_t version = 0;
  std::int64_t points_balance = 0;
  std::int64_t points_debt = 0;
  std::int64_t points_version = 0;
  bool operator==(const Row&) const = default;
};

std::optional<Row> Get(Tx& tx, const std::string& customer_id);
// Makes the row where there is none, and holds it until the commit: everything that is computed of a customer
// is computed by one at a time.
Row Lock(Tx& tx, const std::string& customer_id, Instant now);
// The same of many, each named once. They are locked in the order of their ids, so that two never wait for each other.
std::vector<Row> LockAll(Tx& tx, const std::vector<std::string>& customer_ids, Instant now);
void Save(Tx& tx, const Row& row);
void SaveAll(Tx& tx, const std::vector<Row>& rows);

struct ListFilter {
  int member_class = 0;
  std::string source;
};
inline const contract::List kMemberList{"members", {contract::KeyPart::kUuid}};
contract::Paged<Row> List(Tx& tx, const ListFilter& filter, const contract::Page& page);
// After a customer id, members or not.
std::vector<std::string> CustomersAfter(Tx& tx, const std::string& after, int limit);

struct ClassCount {
  Class member_class = Class::kNone;
  std::int64_t members = 0;
  std::int64_t factor_a = 0;
  std::int64_t factor_b = 0;
  std::int64_t factor_c = 0;
};
std::vector<ClassCount> CountByClass(Tx& tx, const std::string& source);

using Fact = facts::Settlement;
// How a settlement was last published; a corrected one may have been another customer's before.
struct LastVersion {
  std::int64_t version = 0;
  std::string customer_id;
};
std::map<std::string, LastVersion> LastDelivered(Tx& tx, const std::vector<std::string>& settlement_ids);
// A fact for the set, over the version that was there (0: none).
struct NewFact {
  Fact fact;
  std::int64_t before = 0;
  Instant occurred_at;
  Instant recorded_at;
};
// Each settlement once. Throws kRetry when somebody else has written one of them meanwhile.
void StoreAll(Tx& tx, const std::vector<NewFact>& news);
// All of a customer, those in treatment too, in the order of their ids.
std::vector<Fact> FactsOf(Tx& tx, const std::string& customer_id);
std::map<std::string, std::vector<Fact>> FactsOf(Tx& tx, const std::vector<std::string>& customer_ids);
std::vector<Settlement> ToSettlements(const std::vector<Fact>& all);

enum class FactKind : std::uint8_t { kNone = 0, kSettlement = 1, kSurvey = 2, kComplaint = 3, kPolicy = 4 };
struct ClassChange {
  std::int64_t seq = 0;
  Instant at;
  Class from = Class::kNone;
  Class to = Class::kNone;
  FactKind kind = FactKind::kNone;
  std::string fact_id;
  bool factor_a = false;
  bool factor_b = false;
  bool factor_c = false;
  Fen net_spend = 0;
  std::string reason;
};
void Append(Tx& tx, const std::string& customer_id, const ClassChange& change);
// Oldest first.
inline const contract::List kClassChangeList{"class_changes", {contract::KeyPart::kNumber}};
contract::Paged<ClassChange> History(Tx& tx, const std::string& customer_id, const contract::Page& page);

}  // namespace renxin::membership::members
