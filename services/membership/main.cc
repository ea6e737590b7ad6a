#include "renxin/membership/v1/membership_policy.pb.h"
#include "services/membership/complaints/handlers.h"
#include "services/membership/doctor/store.h"
#include "services/membership/members/handlers.h"
#include "services/membership/members/reactions.h"
#include "services/membership/members/refresh.h"
#include "services/membership/points/handlers.h"
#include "services/membership/policy/policy.h"
#include "services/membership/surveys/handlers.h"
#include "shared/policies/routes.h"
#include "shared/runtime/service.h"

namespace renxin::membership {
std::vector<db::Migration> Migrations();
}

int main(int argc, char** argv) {
  using namespace renxin::membership;  // NOLINT: the wiring of one program
  renxin::runtime::Service service("membership", Migrations());
  renxin::policies::Install<policy::PolicySpec>(service);
  service.Query("MemberService.GetMember", &members::GetMember)
      .Query("MemberService.ListMembers", &members::ListMembers)
      .Query("MemberService.CountMembers", &members::CountMembers)
      .Query("MemberService.GetMemberHistory", &members::GetMemberHistory)
      .Query("PointService.GetPoints", &points::GetPoints)
      .Command("PointService.RedeemPoints", &points::RedeemPoints)
      .Command("PointService.ReverseRedemption", &points::ReverseRedemption)
      .Command("ComplaintService.OpenComplaint", &complaints::OpenComplaint)
      .Command("ComplaintService.InvestigateComplaint", &complaints::InvestigateComplaint)
      .Command("ComplaintService.ResolveComplaint", &complaints::ResolveComplaint)
      .Query("ComplaintService.GetComplaint", &complaints::GetComplaint)
      .Query("ComplaintService.ListComplaints", &complaints::ListComplaints)
      .Query("ComplaintService.GetComplaintHistory", &complaints::GetComplaintHistory)
      .Command("ComplaintService.RevealComplaint", &complaints::RevealComplaint)
      .Command("SurveyService.RecordSurvey", &surveys::RecordSurvey)
      .Query("SurveyService.ListSurveys", &surveys::ListSurveys);
  service.OnMany("leads", "membership_on-settlement", &members::OnSettlementsRecorded);
  service.Timer(members::kReviewTimer, &members::Review).Timer(members::kExpiryTimer, &members::ExpirePoints).Doctor(doctor::Checks());
  return service.Run(argc, argv);
}
