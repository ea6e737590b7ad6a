#include "renxin/identity/v1/identity_events.pb.h"
#include "services/commissions/doctor/store.h"
#include "services/commissions/facts/reactions.h"
#include "services/commissions/ledger/handlers.h"
#include "services/commissions/lock/handlers.h"
#include "services/commissions/periods/handlers.h"
#include "services/commissions/plans/handlers.h"
#include "services/commissions/plans/store.h"
#include "services/commissions/statements/handlers.h"
#include "shared/operations/wiring.h"
#include "shared/runtime/roster.h"
#include "shared/runtime/service.h"

namespace renxin::commissions {
std::vector<db::Migration> Migrations();
}

int main(int argc, char** argv) {
  using namespace renxin::commissions;  // NOLINT: the wiring of one program
  renxin::runtime::Service service("commissions", Migrations());
  service.AtStart(&plans::SeedDefaults).Timer(lock::kDraftsTimer, &lock::DropOldDrafts);
  renxin::operations::Install(service, {lock::LockType()});
  service.Query("PlanService.GetPlan", &plans::GetPlan)
      .Query("PlanService.ListPlans", &plans::ListPlans)
      .Command("PlanService.ProposePlan", &plans::ProposePlan)
      .Command("PlanService.ApprovePlan", &plans::ApprovePlan)
      .Query("StatementService.GetStatement", &statements::GetStatement)
      .Query("StatementService.ListStatements", &statements::ListStatements)
      .Query("StatementService.ListStatementSources", &statements::ListStatementSources)
      .Query("PeriodService.GetPeriod", &periods::GetPeriod)
      .Query("PeriodService.ListPeriods", &periods::ListPeriods)
      .Command("PeriodService.SetFirstPeriod", &periods::SetFirstPeriod)
      .Command("PeriodService.LockPeriod", &lock::FetchControlTotals, &lock::LockPeriod)
      .Query("PeriodService.ListLedgerAccounts", &ledger::ListLedgerAccounts)
      .On("identity", "commissions_roster", &renxin::runtime::OnStaffChanged)
      .On("leads", "commissions_on-settlement", &facts::OnSettlementRecorded)
      .On("leads", "commissions_on-course", &facts::OnCourseChanged)
      .On("referrals", "commissions_on-recognition", &facts::OnReferralRecognised);
  return service.Doctor(doctor::Checks()).Run(argc, argv);
}
