#include "renxin/identity/v1/identity_events.pb.h"
#include "services/commissions/doctor/store.h"
#include "services/commissions/facts/reactions.h"
#include "services/commissions/periods/handlers.h"
#include "services/commissions/plans/handlers.h"
#include "services/commissions/plans/store.h"
#include "services/commissions/statements/handlers.h"
#include "shared/runtime/roster.h"
#include "shared/runtime/service.h"

namespace renxin::commissions {
std::vector<db::Migration> Migrations();
}

int main(int argc, char** argv) {
  using namespace renxin::commissions;  // NOLINT: the wiring of one program
  renxin::runtime::Service service("commissions", Migrations());
  service.AtStart(&plans::SeedDefaults);
  service.Query("PlanService.ListPlans", &plans::ListPlans)
      .Command("PlanService.ProposePlan", &plans::ProposePlan)
      .Command("PlanService.ApprovePlan", &plans::ApprovePlan)
      .Query("StatementService.GetStatement", &statements::GetStatement)
      .Query("StatementService.ListStatements", &statements::ListStatements)
      .Query("StatementService.ListStatementSources", &statements::ListStatementSources)
      .Query("PeriodService.ListPeriods", &periods::ListPeriods)
      .Command("PeriodService.SetFirstPeriod", &periods::SetFirstPeriod)
      .Command("PeriodService.LockPeriod", &periods::FetchControlTotals, &periods::LockPeriod)
      .Snapshot("PeriodService.LockPeriod")
      .Query("PeriodService.GetLedger", &periods::GetLedger)
      .On("identity", "commissions_roster", &renxin::runtime::OnStaffChanged)
      .On("leads", "commissions_on-settlement", &facts::OnSettlementRecorded)
      .On("leads", "commissions_on-course", &facts::OnCourseChanged)
      .On("referrals", "commissions_on-recognition", &facts::OnReferralRecognised);
  service.Doctor(doctor::Checks());
  return service.Run(argc, argv);
}
