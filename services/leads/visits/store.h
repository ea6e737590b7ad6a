#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/contract/page.h"
#include "shared/runtime/context.h"
#include "shared/runtime/day_range.h"

namespace renxin::leads::visits {

struct Visit {
  std::string id;
  std::string customer_id;
  std::string lead_id;
  std::string department;
  bool outpatient = false;
  Instant arrived_at;
  std::string doctor_id;
  std::string partner_ref;
  std::string slip_no;
  std::string card_no;
  std::string rep_id;
  std::string imported_from;
  std::int64_t version = 1;
};

// With history and the event visit_registered.
// The customers of these leads: lead → customer.
std::map<std::string, std::string> CustomersOfLeads(Tx& tx, const std::vector<std::string>& lead_ids);
void Insert(Tx& tx, const Environment& env, const Visit& visit, std::string_view by, Instant now);
void Update(Tx& tx, const Environment& env, const Visit& visit, std::string_view by, Instant now);
// A rep sees the visits they were named for.
std::optional<Visit> Get(Tx& tx, const Scope& scope, const std::string& id);
struct ListFilter {
  std::string customer_id;
  runtime::DayRange days;
  std::string department;
  std::string rep_id;
};
inline const contract::List kVisitList{"visits", {contract::KeyPart::kNumber, contract::KeyPart::kUuid}};
// The latest first.
contract::Paged<Visit> List(Tx& tx, const Scope& scope, const ListFilter& filter, const contract::Page& page);
// visit → customer, of those that are there.
std::map<std::string, std::string> CustomersOf(Tx& tx, const std::vector<std::string>& visit_ids);
// L6: no other visit of this customer came before it.
bool IsFirstArrival(Tx& tx, const Visit& visit);

struct Counted {
  std::string key;
  std::int64_t count = 0;
};
// By `rep` (staff id, resolved by the caller), month or department.
std::vector<Counted> CountBy(Tx& tx, std::string_view group_by, const std::string& imported_from);

// C13: all of them, and the sum of their versions.
struct Totals {
  std::int64_t count = 0;
  std::int64_t versions = 0;
};
Totals TotalsOf(Tx& tx);

}  // namespace renxin::leads::visits
