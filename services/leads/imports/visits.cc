#include "services/leads/visits/store.h"

#include "services/leads/consultations/store.h"
#include "services/leads/imports/imports.h"
#include "services/leads/imports/refs.h"
#include "shared/core/text.h"

namespace renxin::leads::imports {
namespace {

using intake::Outcome;

Outcome ApplyOne(Tx& tx, intake::Batch& batch, const Refs& refs, const intake::Record& record,
                 std::vector<consultations::Fact>* facts) {
  intake::Fields fields(batch.kind, record.rows.front());
  visits::Visit v;
  const auto arrived_at = fields.Time("arrived_at");
  v.outpatient = fields.Flag("outpatient").value_or(false);
  if (!fields.ok()) return fields.Fault();
  Outcome waiting;
  if (!refs.Resolve(fields, "customer_no", "customers", &v.customer_id, &waiting) ||
      !refs.Resolve(fields, "lead_no", "leads", &v.lead_id, &waiting) ||
      !refs.Resolve(fields, "doctor_no", "staff", &v.doctor_id, &waiting) ||
      !refs.Resolve(fields, "rep_no", "staff", &v.rep_id, &waiting)) {
    return waiting;
  }
  v.department = fields.Text("department");
  v.arrived_at = *arrived_at;
  v.partner_ref = fields.Text("partner_no");
  v.slip_no = fields.Text("slip_no");
  v.card_no = fields.Text("card_no");
  v.imported_from = batch.source;
  if (!v.lead_id.empty()) facts->push_back({v.lead_id, consultations::State::kArrived, v.arrived_at});
  const std::string by = "import:" + batch.operation_id;
  if (record.target_id.empty()) {
    v.id = NewId();
    visits::Insert(tx, batch.env, v, by, batch.now);
    return Outcome::Created(v.id);
  }
  v.id = record.target_id;
  visits::Update(tx, batch.env, v, by, batch.now);
  return Outcome::Updated(v.id);
}

std::vector<Outcome> Apply(Tx& tx, intake::Batch& batch, const std::vector<intake::Record>& records) {
  Refs refs(tx, batch);
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
  std::vector<consultations::Fact> facts;
  std::vector<Outcome> out;
  out.reserve(records.size());
  for (const intake::Record& record : records) out.push_back(ApplyOne(tx, batch, refs, record, &facts));
  consultations::AdvanceAll(tx, facts, "import:" + batch.operation_id, batch.now);
  ReportCodes(tx, batch, "department", departments);
  return out;
}

}  // namespace

intake::KindSpec Visits() {
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

}  // namespace renxin::leads::imports
