#include "services/leads/visits/imports.h"

#include "services/leads/codes/store.h"
#include "services/leads/settlements/store.h"
#include "services/leads/visits/store.h"

#include <map>

#include "services/leads/consultations/store.h"
#include "services/leads/visits/rules.h"
#include "shared/core/text.h"
#include "shared/intake/refs.h"

namespace renxin::leads::visits {
namespace {

using intake::Outcome;

// Whose the records are that a visit names or that name it (L6, L7).
struct Known {
  std::map<std::string, std::string> customer_of_lead;
  std::map<std::string, std::string> customer_of_settlements;  // by visit
};

Outcome ApplyOne(Tx& tx, intake::Batch& batch, const intake::Refs& refs, const Known& known, const intake::Record& record,
                 std::vector<consultations::Fact>* facts) {
  intake::Fields fields(batch.kind, record.rows.front());
  Visit v;
  const auto arrived_at = fields.Time("arrived_at");
  v.outpatient = fields.Flag("outpatient").value_or(false);
  if (!fields.ok()) return fields.Fault();
  const auto said = fields.Require(
      CheckArrival({"", fields.Text("department"), fields.Text("partner_no"), fields.Text("slip_no"), fields.Text("card_no"), *arrived_at},
                   batch.now, EntryPath::kFile));
  if (!fields.ok()) return fields.Fault();
  Outcome waiting;
  if (!refs.Resolve(fields, "customer_no", "customers", &v.customer_id, &waiting) ||
      !refs.Resolve(fields, "lead_no", "leads", &v.lead_id, &waiting) ||
      !refs.Resolve(fields, "doctor_no", "staff", &v.doctor_id, &waiting) ||
      !refs.Resolve(fields, "rep_no", "staff", &v.rep_id, &waiting)) {
    return waiting;
  }
  if (const auto owner = known.customer_of_lead.find(v.lead_id); owner != known.customer_of_lead.end())
    fields.Check(CheckLeadOf("lead_no", owner->second, v.customer_id));
  if (const auto named = known.customer_of_settlements.find(record.target_id);
      named != known.customer_of_settlements.end() && named->second != v.customer_id)
    fields.Refuse("customer_no", "settlements of this visit are another customer's");
  if (!fields.ok()) return fields.Fault();
  v.department = said.department;
  v.arrived_at = *arrived_at;
  v.partner_ref = said.partner_no;
  v.slip_no = said.slip_no;
  v.card_no = said.card_no;
  v.imported_from = batch.source;
  if (!v.lead_id.empty()) facts->push_back({v.lead_id, consultations::State::kArrived, v.arrived_at});
  const std::string by = "import:" + batch.operation_id;
  if (record.target_id.empty()) {
    v.id = NewId();
    Insert(tx, batch.env, v, by, batch.now);
    return Outcome::Created(v.id);
  }
  v.id = record.target_id;
  Update(tx, batch.env, v, by, batch.now);
  return Outcome::Updated(v.id);
}

std::vector<Outcome> Apply(Tx& tx, intake::Batch& batch, const std::vector<intake::Record>& records) {
  intake::Refs refs(tx, batch);
  std::set<std::string> departments;
  for (const intake::Record& record : records) {
    const intake::Fields fields(batch.kind, record.rows.front());
    refs.Want("customers", fields.Text("customer_no"));
    refs.Want("leads", fields.Text("lead_no"));
    refs.Want("staff", fields.Text("doctor_no"));
    refs.Want("staff", fields.Text("rep_no"));
    departments.insert(fields.Text("department"));
  }
  refs.Load();
  std::vector<std::string> lead_ids;
  for (const intake::Record& record : records) {
    if (auto lead = refs.Find("leads", intake::Fields(batch.kind, record.rows.front()).Text("lead_no")))
      lead_ids.push_back(*std::move(lead));
  }
  std::vector<std::string> targets;
  for (const intake::Record& record : records) {
    if (!record.target_id.empty()) targets.push_back(record.target_id);
  }
  const Known known{CustomersOfLeads(tx, lead_ids), settlements::CustomersByVisit(tx, targets)};
  std::vector<consultations::Fact> facts;
  std::vector<Outcome> out;
  out.reserve(records.size());
  for (const intake::Record& record : records) out.push_back(ApplyOne(tx, batch, refs, known, record, &facts));
  consultations::AdvanceAll(tx, facts, "import:" + batch.operation_id, batch.now);
  codes::Report(tx, batch, "department", departments);
  return out;
}

}  // namespace

intake::KindSpec ImportKind() {
  return {.kind = "visits",
          .columns = {{"visit_no", true},
                      {"customer_no", true},
                      {"lead_no"},
                      {"arrived_at", true},
                      {"department", true},
                      {"outpatient"},
                      {"doctor_no"},
                      {"partner_no"},
                      {"slip_no"},
                      {"card_no"},
                      {"rep_no"}},
          .number = "visit_no",
          .apply = &Apply};
}

}  // namespace renxin::leads::visits
