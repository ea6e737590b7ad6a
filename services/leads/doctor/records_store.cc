// Consultations, appointments, visits and courses.

#include "services/leads/appointments/rules.h"
#include "services/leads/consultations/rules.h"
#include "services/leads/doctor/doctor.h"
#include "services/leads/visits/rules.h"

namespace renxin::leads::doctor {
namespace {

std::optional<Instant> InstantOrNone(const std::optional<std::int64_t>& micros) {
  return micros ? std::optional<Instant>(Instant{*micros}) : std::nullopt;
}

}  // namespace

std::vector<CheckedRow> CheckLeads(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  for (auto& [id, channel, source, campaign, project, city, consulted_at] :
       tx.Select<std::string, std::string, std::string, std::string, std::string, std::string, std::int64_t>(
           "select id, channel, source, campaign, project, city, consulted_at from leads where id > :after order by id limit " +
               std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "lead", .id = id});
    row.Expect(
        consultations::CheckConsultation({channel, source, campaign, project, city, {consulted_at}}, {channel}, ctx.now, EntryPath::kFile),
        "L1");
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
  for (auto& [id, customer, department, partner, slip, card, arrived_at, lead, lead_customer] :
       tx.Select<std::string, std::string, std::string, std::string, std::string, std::string, std::int64_t, std::string, std::string>(
           "select v.id, v.customer_id, v.department, v.partner_ref, v.slip_no, v.card_no, v.arrived_at, l.id, l.customer_id from visits v "
           "left join leads l on l.id = v.lead_id where v.id > :after order by v.id limit " +
               std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "visit", .id = id});
    row.Expect(visits::CheckArrival({customer, department, partner, slip, card, {arrived_at}}, ctx.now, EntryPath::kFile), "L6");
    if (!lead.empty()) row.Expect(visits::CheckLeadOf("lead_id", lead_customer, customer), "L6");
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
