#include "services/leads/appointments/handlers.h"

#include "services/leads/appointments/rules.h"
#include "services/leads/appointments/store.h"
#include "services/leads/consultations/store.h"
#include "shared/core/money.h"
#include "shared/core/text.h"
#include "shared/runtime/version.h"

namespace renxin::leads::appointments {
namespace {

v1::Appointment ToProto(const Appointment& a) {
  v1::Appointment out;
  out.set_id(a.id);
  out.set_lead_id(a.lead_id);
  out.set_status(static_cast<v1::AppointmentStatus>(a.status));
  out.set_department(a.department);
  out.set_booked_at(FormatTime(a.booked_at));
  out.set_slot_start(FormatTime(a.slot_start));
  if (a.status_at) out.set_status_at(FormatTime(*a.status_at));
  out.set_version(a.version);
  return out;
}

}  // namespace

Result<v1::Appointment> CreateAppointment(Tx& tx, const CallContext& ctx, const v1::CreateAppointmentRequest& req) {
  const auto lead = consultations::Get(tx, ctx.scope, req.lead_id(), true);
  if (!lead) return NotFound("lead");
  if (!consultations::IsOpen(lead->funnel.state))
    return WrongState("L2: the lead is " + std::string(consultations::Name(lead->funnel.state)));
  ASSIGN_OR_RETURN(const Instant slot, ParseTime(req.slot_start()));
  ASSIGN_OR_RETURN(const Booking booking,
                   CheckBooking({req.department(), ctx.now, slot, std::nullopt}, ctx.env.zone, ctx.now, EntryPath::kRoute));
  const Appointment a{.id = NewId(), .lead_id = req.lead_id(), .department = booking.department, .booked_at = ctx.now, .slot_start = slot};
  Insert(tx, ctx.env, a, ctx.caller.username, ctx.now);
  consultations::AdvanceAll(tx, {{a.lead_id, consultations::State::kAppointed, ctx.now}}, ctx.caller.username, ctx.now);
  return ToProto(a);
}

Result<v1::Appointment> GetAppointment(Tx& tx, const CallContext& ctx, const v1::GetAppointmentRequest& req) {
  const auto appointment = Get(tx, ctx.scope, req.id());
  if (!appointment) return NotFound("appointment");
  return ToProto(*appointment);
}

Result<v1::ListAppointmentsResponse> ListAppointments(Tx& tx, const CallContext& ctx, const v1::ListAppointmentsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kAppointmentList, req));
  ASSIGN_OR_RETURN(const runtime::DayRange days, runtime::ReadDayRange(ctx.env.zone, req));
  const ListFilter filter{
      .customer_id = req.customer_id(), .lead_id = req.lead_id(), .days = days, .status = static_cast<Status>(req.status())};
  const contract::Paged<Appointment> page = List(tx, ctx.scope, filter, asked);
  v1::ListAppointmentsResponse out;
  for (const Appointment& appointment : page.rows) *out.add_appointments() = ToProto(appointment);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::Appointment> MoveAppointment(Tx& tx, const CallContext& ctx, const v1::MoveAppointmentRequest& req) {
  const auto from = GetForUpdate(tx, req.id());
  if (!from) return NotFound("appointment");
  RETURN_IF_ERROR(runtime::CheckVersion(ctx, from->version));
  ASSIGN_OR_RETURN(const Appointment to, Move(*from, static_cast<Status>(req.to()), ctx.now));
  Update(tx, ctx.env, to, ctx.caller.username, ctx.now);
  if (to.status == Status::kArrived) {
    consultations::AdvanceAll(tx, {{to.lead_id, consultations::State::kArrived, ctx.now}}, ctx.caller.username, ctx.now);
  }
  return ToProto(to);
}

Result<v1::CountAppointmentsResponse> CountAppointments(Tx& tx, const CallContext& /*ctx*/, const v1::CountAppointmentsRequest& req) {
  v1::CountAppointmentsResponse out;
  for (const DayCount& day : CountByDay(tx, req.imported_from())) {
    auto* row = out.add_days();
    row->set_day(day.day);
    row->set_appointments(day.appointments);
    row->set_arrived(day.arrived);
    out.set_total(out.total() + day.appointments);
    out.set_arrived(out.arrived() + day.arrived);
    out.set_no_show(out.no_show() + day.no_show);
  }
  const std::int64_t due = out.arrived() + out.no_show();
  if (due > 0) out.set_arrival_rate_bp(MulDiv(out.arrived(), 10'000, due));
  return out;
}

}  // namespace renxin::leads::appointments
