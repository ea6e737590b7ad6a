#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/leads/consultations/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"
#include "shared/runtime/day_range.h"

namespace renxin::leads::consultations {

struct Lead {
  std::string id;
  Funnel funnel;
  std::string channel;
  std::string source;
  std::string campaign;
  std::string project;
  std::string city;
  std::string customer_id;
  std::string consultant_id;
  Instant consulted_at;
  std::int64_t touches = 0;
  Instant touched_at{};  // L3: the last time anybody did anything with it
  std::string imported_from;
  std::int64_t version = 1;
  // Why it is lost or invalid, as stored: somebody typed it (G6). `funnel.reason` is only set by a move.
  std::string sealed_reason;
};

std::string ReasonOf(const Environment& env, const Lead& lead);

// Staged, with history and event.
void Insert(Tx& tx, const Environment& env, const Lead& lead, std::string_view by, Instant now);
// The stored columns of an imported lead that came again changed.
void Update(Tx& tx, const Environment& env, const Lead& lead, std::string_view by, Instant now);
std::optional<Lead> Get(Tx& tx, const Scope& scope, const std::string& id, bool for_update);
void SaveFunnel(Tx& tx, const Environment& env, const Lead& before, Lead& after, std::string_view by, Instant now);
// `lead` is held for update.
void AddTouch(Tx& tx, const Lead& lead, std::string_view by, Instant now);

// What happened to a lead's customer, and when.
struct Fact {
  std::string lead_id;
  State state = State::kNew;
  Instant at;
};
// L2: facts move the leads; one select and one update for the whole batch, the leads held in the order of their ids.
void AdvanceAll(Tx& tx, const std::vector<Fact>& facts, std::string_view by, Instant now);
// The leads of these customers that were consulted at or before the time: (lead, customer).
struct CustomerLead {
  std::string lead_id;
  std::string customer_id;
  Instant consulted_at;
};
std::vector<CustomerLead> OfCustomers(Tx& tx, const std::vector<std::string>& customers);

// L3: the open leads of a customer, the earliest consulted first; of more than 200 the latest. Held to the commit, and with them the right
// to add another: two consultations of one customer come one after the other.
std::vector<Lead> OpenOf(Tx& tx, const std::string& customer_id);

struct ListFilter {
  int state = 0;
  std::string channel;
  std::string customer_id;
  runtime::DayRange days;
};
// The newest consultation first.
inline const contract::List kLeadList{"leads", {contract::KeyPart::kNumber, contract::KeyPart::kUuid}};
contract::Paged<Lead> List(Tx& tx, const Scope& scope, const ListFilter& filter, const contract::Page& page);

struct Counted {
  std::string key;
  std::int64_t count = 0;
};
std::vector<Counted> CountBy(Tx& tx, std::string_view group_by, const std::string& imported_from, bool arrived_only);

}  // namespace renxin::leads::consultations
