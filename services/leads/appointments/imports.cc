#include "services/leads/appointments/imports.h"

#include "services/leads/appointments/store.h"
#include "services/leads/codes/store.h"

#include <map>

#include "services/leads/appointments/rules.h"
#include "services/leads/consultations/store.h"
#include "shared/core/text.h"
#include "shared/intake/refs.h"

namespace renxin::leads::appointments {
namespace {

using intake::Outcome;

const std::map<std::string, Status>& Statuses() {
  static const std::map<std::string, Status> kStatuses{
      {"booked", Status::kBooked}, {"arrived", Status::kArrived}, {"no_show", Status::kNoShow}, {"cancelled", Status::kCancelled}};
  return kStatuses;
}

Outcome ApplyOne(Tx& tx, intake::Batch& batch, const intake::Refs& refs, const intake::Record& record,
                 std::vector<consultations::Fact>* facts) {
  intake::Fields fields(batch.kind, record.rows.front());
  Appointment a;
  const auto booked_at = fields.Time("booked_at");
  const auto slot_start = fields.Time("slot_start");
  const std::string status = fields.Code("status", {"booked", "arrived", "no_show", "cancelled"});
  a.status_at = fields.Time("status_at");
  if (!fields.ok()) return fields.Fault();
  const auto booking = fields.Require(
      CheckBooking({fields.Text("department"), *booked_at, *slot_start, a.status_at}, batch.env.zone, batch.now, EntryPath::kFile));
  if (!fields.ok()) return fields.Fault();
  Outcome waiting;
  if (!refs.Resolve(fields, "lead_no", "leads", &a.lead_id, &waiting)) return waiting;
  a.status = Statuses().at(status);
  a.department = booking.department;
  a.booked_at = *booked_at;
  a.slot_start = *slot_start;
  a.imported_from = batch.source;
  facts->push_back({a.lead_id, a.status == Status::kArrived ? consultations::State::kArrived : consultations::State::kAppointed,
                    a.status_at.value_or(a.booked_at)});
  const std::string by = "import:" + batch.operation_id;
  if (record.target_id.empty()) {
    a.id = NewId();
    Insert(tx, batch.env, a, by, batch.now);
    return Outcome::Created(a.id);
  }
  a.id = record.target_id;
  Update(tx, batch.env, a, by, batch.now);
  return Outcome::Updated(a.id);
}

std::vector<Outcome> Apply(Tx& tx, intake::Batch& batch, const std::vector<intake::Record>& records) {
  intake::Refs refs(tx, batch);
  std::set<std::string> departments;
  for (const intake::Record& record : records) {
    const intake::Fields fields(batch.kind, record.rows.front());
    refs.Want("leads", fields.Text("lead_no"));
    departments.insert(fields.Text("department"));
  }
  refs.Load();
  std::vector<consultations::Fact> facts;
  std::vector<Outcome> out;
  out.reserve(records.size());
  for (const intake::Record& record : records) out.push_back(ApplyOne(tx, batch, refs, record, &facts));
  consultations::AdvanceAll(tx, facts, "import:" + batch.operation_id, batch.now);
  codes::Report(tx, batch, "department", departments);
  return out;
}

}  // namespace

intake::KindSpec ImportKind() {
  return {.kind = "appointments",
          .columns = {{"appointment_no", true},
                      {"lead_no", true},
                      {"booked_at", true},
                      {"slot_start", true},
                      {"department", true},
                      {"status", true},
                      {"status_at"}},
          .number = "appointment_no",
          .apply = &Apply};
}

}  // namespace renxin::leads::appointments
