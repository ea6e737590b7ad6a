#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/referrals/recognitions/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::referrals::recognitions {

// The numbers are those of RecognitionKind in the contract.
enum class Kind : std::uint8_t { kUnspecified = 0, kImported = 1, kDesk = 2 };

struct Recognition {
  std::string id;
  Kind kind = Kind::kImported;
  std::string source;
  std::string customer_id;
  std::string rep_id;
  std::string partner_ref;
  Day from;
  std::optional<Day> until;
  int share_bp = 0;
  // Place among the shares of a customer: the first is first in G2.
  std::int64_t rank = 0;
  std::string reason;
  std::string visit_id;
  bool withdrawn = false;
  std::int64_t version = 1;
};

// Writes it (a new one, or the next version of one that is there) with history and event.
void Store(Tx& tx, const Recognition& recognition, bool is_new, std::string_view by, Instant now);
std::optional<Recognition> Get(Tx& tx, const Scope& scope, const std::string& id);
std::optional<Recognition> OfVisit(Tx& tx, const std::string& visit_id);
struct ListFilter {
  std::string customer_id;  // empty: all
  bool withdrawn = false;   // those as well
};
inline const contract::List kRecognitionList{"recognitions", {contract::KeyPart::kUuid}};
contract::Paged<Recognition> List(Tx& tx, const Scope& scope, const ListFilter& filter, const contract::Page& page);
// By id, held in the order of the ids.
std::map<std::string, Recognition> LoadForUpdate(Tx& tx, const std::vector<std::string>& ids);
// The imported shares of these customers: (customer, share).
std::vector<std::pair<std::string, Share>> SharesOf(Tx& tx, const std::vector<std::string>& customers);

// An arrival as the desk knows it; false when a newer version of it is kept already.
struct DeskVisit {
  std::string id;
  std::int64_t version = 0;
  std::string customer_id;
  std::string rep_id;  // empty: none was named
  Day arrived_on;
};
bool StoreVisit(Tx& tx, const DeskVisit& visit);

// C13: how many there are, and the sum of their versions.
struct Totals {
  std::int64_t count = 0;
  std::int64_t versions = 0;
};
Totals RecognitionTotals(Tx& tx);
Totals VisitTotals(Tx& tx);

}  // namespace renxin::referrals::recognitions
