// Consultations, appointments, visits and courses.

#include "services/leads/appointments/rules.h"
#include "services/leads/consultations/rules.h"
#include "services/leads/doctor/doctor.h"
#include "services/leads/visits/rules.h"
#include "shared/db/rows.h"

namespace renxin::leads::doctor {
namespace {

std::optional<Instant> InstantOrNone(const std::optional<std::int64_t>& micros) {
  return micros ? std::optional<Instant>(Instant{*micros}) : std::nullopt;
}

struct StoredLead : consultations::Consultation {
  std::string id;
};
const db::Rows<StoredLead> kLeads("leads", {{"id", &StoredLead::id},
                                            {"channel", &consultations::Consultation::channel},
                                            {"source", &consultations::Consultation::source},
                                            {"campaign", &consultations::Consultation::campaign},
                                            {"project", &consultations::Consultation::project},
                                            {"city", &consultations::Consultation::city},
                                            {"consulted_at", &consultations::Consultation::consulted_at}});

struct StoredVisit : visits::Arrival {
  std::string id;
  std::string lead;
  std::string lead_customer;
};
const db::Rows<StoredVisit> kVisits("visits v left join leads l on l.id = v.lead_id", {{"v.id", &StoredVisit::id},
                                                                                       {"v.customer_id", &visits::Arrival::customer_id},
                                                                                       {"v.department", &visits::Arrival::department},
                                                                                       {"v.partner_ref", &visits::Arrival::partner_no},
                                                                                       {"v.slip_no", &visits::Arrival::slip_no},
                                                                                       {"v.card_no", &visits::Arrival::card_no},
                                                                                       {"v.arrived_at", &visits::Arrival::arrived_at},
                                                                                       {"l.id", &StoredVisit::lead},
                                                                                       {"l.customer_id", &StoredVisit::lead_customer}});

}  // namespace

std::vector<CheckedRow> CheckLeads(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (const StoredLead& lead : kLeads.Select(tx, "where id > :after order by id limit " + std::to_string(limit), {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "lead", .id = lead.id});
    row.Expect(consultations::CheckConsultation(lead, {lead.channel}, ctx.now, EntryPath::kFile), "L1");
  }
  return rows;
}

std::vector<CheckedRow> CheckAppointments(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (auto& [id, department, booked_at, slot_start, status_at] :
       tx.Select<std::string, std::string, std::int64_t, std::int64_t, std::optional<std::int64_t>>(
           "select id, department, booked_at, slot_start, status_at from appointments where id > :after order by id limit " +
               std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "appointment", .id = id});
    row.Expect(appointments::CheckBooking({department, {booked_at}, {slot_start}, InstantOrNone(status_at)}, ctx.env.zone, ctx.now,
                                          EntryPath::kFile),
               "L5");
  }
  return rows;
}

std::vector<CheckedRow> CheckVisits(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (const StoredVisit& visit :
       kVisits.Select(tx, "where v.id > :after order by v.id limit " + std::to_string(limit), {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "visit", .id = visit.id});
    row.Expect(visits::CheckArrival(visit, ctx.now, EntryPath::kFile), "L6");
    if (!visit.lead.empty()) row.Expect(visits::CheckLeadOf("lead_id", visit.lead_customer, visit.customer_id), "L6");
  }
  return rows;
}

std::vector<CheckedRow> CheckCourses(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (auto& [id, closed_at] : tx.Select<std::string, std::optional<std::int64_t>>(
           "select id, closed_at from courses where id > :after order by id limit " + std::to_string(limit), {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "course", .id = id});
    if (closed_at) row.Expect(CheckHappened("closed_at", {*closed_at}, ctx.now, EntryPath::kFile), "L7");
  }
  return rows;
}

}  // namespace renxin::leads::doctor
