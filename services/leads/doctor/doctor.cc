#include "services/leads/doctor/doctor.h"

#include "shared/runtime/roster.h"

namespace renxin::leads::doctor {

std::vector<runtime::NamedCheck> Checks() {
  return {{"customers", &CheckCustomers},       {"consents", &CheckConsents}, {"leads", &CheckLeads},
          {"appointments", &CheckAppointments}, {"visits", &CheckVisits},     {"courses", &CheckCourses},
          {"settlements", &CheckSettlements},   runtime::RosterCheck()};
}

}  // namespace renxin::leads::doctor
