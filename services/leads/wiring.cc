#include "services/leads/wiring.h"

#include "renxin/leads/v1/leads_policy.pb.h"
#include "services/leads/appointments/handlers.h"
#include "services/leads/appointments/imports.h"
#include "services/leads/birthdays/handlers.h"
#include "services/leads/consents/handlers.h"
#include "services/leads/consultations/handlers.h"
#include "services/leads/consultations/imports.h"
#include "services/leads/contacts/handlers.h"
#include "services/leads/courses/handlers.h"
#include "services/leads/customers/handlers.h"
#include "services/leads/customers/imports.h"
#include "services/leads/doctor/doctor.h"
#include "services/leads/households/handlers.h"
#include "services/leads/marks/handlers.h"
#include "services/leads/policy/policy.h"
#include "services/leads/settlements/handlers.h"
#include "services/leads/settlements/imports.h"
#include "services/leads/visits/handlers.h"
#include "services/leads/visits/imports.h"
#include "shared/intake/wiring.h"
#include "shared/operations/wiring.h"
#include "shared/policies/routes.h"

namespace renxin::leads {
namespace {

// The rpcs of the service, one line each.
void Register(runtime::Service& service) {
  service.Query("CustomerService.GetCustomer", &customers::GetCustomer)
      .Command("CustomerService.RevealCustomer", &customers::RevealCustomer)
      .Query("CustomerService.CountCustomers", &customers::CountCustomers)
      .Query("HouseholdService.GetHousehold", &households::GetHousehold)
      .Query("HouseholdService.ListHouseholds", &households::ListHouseholds)
      .Command("HouseholdService.ConfirmHousehold", &households::ConfirmHousehold)
      .Query("CustomerService.ResolveCustomers", &customers::ResolveCustomers)
      .Command("LeadService.CreateLead", &consultations::CreateLead, &consultations::DeclareCreateLead)
      .Query("LeadService.GetLead", &consultations::GetLead, db::Reads::kStatement)
      .Query("LeadService.ListLeads", &consultations::ListLeads, db::Reads::kStatement)
      .Command("LeadService.MoveLead", &consultations::MoveLead)
      .Query("LeadService.GetLeadHistory", &consultations::GetLeadHistory)
      .Query("LeadService.CountLeads", &consultations::CountLeads)
      .Command("AppointmentService.CreateAppointment", &appointments::CreateAppointment)
      .Query("AppointmentService.GetAppointment", &appointments::GetAppointment, db::Reads::kStatement)
      .Query("AppointmentService.ListAppointments", &appointments::ListAppointments, db::Reads::kStatement)
      .Command("AppointmentService.MoveAppointment", &appointments::MoveAppointment)
      .Query("AppointmentService.CountAppointments", &appointments::CountAppointments)
      .Query("CourseService.ListCourses", &courses::ListCourses)
      .Query("CourseService.GetCourse", &courses::GetCourse)
      .Command("CourseService.CloseCourse", &courses::CloseCourse)
      .Command("CourseService.ReopenCourse", &courses::ReopenCourse)
      .Command("VisitService.RegisterVisit", &visits::RegisterVisit)
      .Query("VisitService.GetVisit", &visits::GetVisit)
      .Query("VisitService.ListVisits", &visits::ListVisits)
      .Query("VisitService.CountVisits", &visits::CountVisits)
      .Command("SettlementService.RecordSettlement", &settlements::RecordSettlement)
      .Query("SettlementService.GetSettlement", &settlements::GetSettlement)
      .Query("SettlementService.ListSettlements", &settlements::ListSettlements)
      .Query("SettlementService.SummariseSettlements", &settlements::SummariseSettlements)
      .Query("SettlementService.RankCustomers", &settlements::RankCustomers)
      .Query("SettlementService.GetControlTotal", &settlements::GetControlTotal)
      .Command("PersonService.RecordConsent", &consents::RecordConsent)
      .Query("PersonService.ListConsents", &consents::ListConsents)
      .Command("PersonService.MarkCustomer", &marks::MarkCustomer)
      .Query("PersonService.GetMarks", &marks::GetMarks)
      .Command("PersonService.ConfirmBirthday", &birthdays::ConfirmBirthday)
      .Query("PersonService.FindBirthdays", &birthdays::FindBirthdays)
      .Query("PersonService.GetContacts", &contacts::GetContacts);
}

}  // namespace

std::vector<db::Migration> Migrations();

std::vector<db::Migration> AllMigrations() { return intake::WithImports(Migrations()); }

void Install(runtime::Service& service) {
  operations::Install(service,
                      {intake::Install(service, {.service = "leads",
                                                 .kinds = {customers::ImportKind(), consultations::ImportKind(), appointments::ImportKind(),
                                                           visits::ImportKind(), settlements::ImportKind()},
                                                 .roster_consumer = "leads_roster"})});
  policies::Install<PolicySpec>(service);
  service.Doctor(doctor::Checks());
  Register(service);
}

}  // namespace renxin::leads
