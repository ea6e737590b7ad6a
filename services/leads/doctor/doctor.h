#pragma once
// Stored rows of leads by the rules of today (shared/runtime/doctor.h). Each looks at them as at rows of a file, the wider of the entry
// paths, and takes what policy knew when they were stored: a list of channels may have become shorter since.

#include <string>
#include <vector>

#include "shared/runtime/doctor.h"

namespace renxin::leads::doctor {

using runtime::CheckedRow;
using runtime::DoctorContext;

std::vector<CheckedRow> CheckCustomers(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit);
// By customer: all consents of one together.
std::vector<CheckedRow> CheckConsents(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit);
std::vector<CheckedRow> CheckLeads(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit);
std::vector<CheckedRow> CheckAppointments(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit);
std::vector<CheckedRow> CheckVisits(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit);
std::vector<CheckedRow> CheckCourses(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit);
std::vector<CheckedRow> CheckSettlements(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit);

// All of them, in this order.
std::vector<runtime::NamedCheck> Checks();

}  // namespace renxin::leads::doctor
