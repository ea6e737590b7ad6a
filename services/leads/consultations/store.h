#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/leads/consultations/rules.h"
#include "shared/runtime/context.h"

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
void AddTouch(Tx& tx, const Lead& lead, std::string_view by, Instant now);

// L2: facts move the leads; one select and one update for the whole batch.
void AdvanceAll(Tx& tx, const std::vector<std::pair<std::string, State>>& facts, std::string_view by, Instant now);
// The leads of these customers that were consulted at or before the time: (lead, customer).
struct CustomerLead {
  std::string lead_id;
  std::string customer_id;
  Instant consulted_at;
};
std::vector<CustomerLead> OfCustomers(Tx& tx, const std::vector<std::string>& customers);

// L3: the open lead of a customer among those born here, claimed by the first.
std::optional<std::string> ClaimOpen(Tx& tx, const std::string& customer_id, const std::string& lead_id);
void ReleaseOpen(Tx& tx, const std::string& customer_id, const std::string& lead_id);

struct ListFilter {
  int state = 0;
  std::string channel;
  Instant before_at;
  std::string before_id;
  int limit = 50;
};
std::vector<Lead> List(Tx& tx, const Scope& scope, const ListFilter& filter);

struct Counted {
  std::string key;
  std::int64_t count = 0;
};
std::vector<Counted> CountBy(Tx& tx, std::string_view group_by, const std::string& imported_from, bool arrived_only);

}  // namespace renxin::leads::consultations
