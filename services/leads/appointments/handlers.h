#pragma once
#include "renxin/leads/v1/appointments.pb.h"
#include "shared/runtime/context.h"

namespace renxin::leads::appointments {

Result<v1::Appointment> CreateAppointment(Tx& tx, const CallContext& ctx, const v1::CreateAppointmentRequest& req);
Result<v1::Appointment> GetAppointment(Tx& tx, const CallContext& ctx, const v1::GetAppointmentRequest& req);
Result<v1::ListAppointmentsResponse> ListAppointments(Tx& tx, const CallContext& ctx, const v1::ListAppointmentsRequest& req);
Result<v1::Appointment> MoveAppointment(Tx& tx, const CallContext& ctx, const v1::MoveAppointmentRequest& req);
Result<v1::CountAppointmentsResponse> CountAppointments(Tx& tx, const CallContext& ctx, const v1::CountAppointmentsRequest& req);

}  // namespace renxin::leads::appointments
