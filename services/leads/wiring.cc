#include "services/leads/wiring.h"

#include "services/leads/appointments/handlers.h"
#include "services/leads/consultations/handlers.h"
#include "services/leads/courses/handlers.h"
#include "services/leads/customers/birthdays_store.h"
#include "services/leads/customers/handlers.h"
#include "services/leads/customers/persons.h"
#include "services/leads/doctor/doctor.h"
#include "services/leads/households/handlers.h"
#include "services/leads/imports/wiring.h"
#include "services/leads/policy/policy.h"
#include "services/leads/settlements/handlers.h"
#include "services/leads/visits/handlers.h"
#include "shared/policies/routes.h"

namespace renxin::leads {
namespace {

// The store has a function of the same name.
using Confirm = Result<v1::ConfirmedBirthday> (*)(Tx&, const CallContext&, const v1::ConfirmBirthdayRequest&);

// The rpcs of the service, one line each.
void Register(runtime::Service& service) {
  service.Query("CustomerService.GetCustomer", &customers::GetCustomer)
      .Command("CustomerService.RevealCustomer", &customers::RevealCustomer)
      .Query("CustomerService.CountCustomers", &customers::CountCustomers)
      .Query("HouseholdService.ListHouseholds", &households::ListHouseholds)
      .Command("HouseholdService.ConfirmHousehold", &households::ConfirmHousehold)
      .Query("CustomerService.ResolveCustomers", &customers::ResolveCustomers)
      .Command("LeadService.CreateLead", &consultations::CreateLead)
      .Query("LeadService.GetLead", &consultations::GetLead)
      .Query("LeadService.ListLeads", &consultations::ListLeads)
      .Command("LeadService.MoveLead", &consultations::MoveLead)
      .Query("LeadService.GetLeadHistory", &consultations::GetLeadHistory)
      .Query("LeadService.CountLeads", &consultations::CountLeads)
      .Command("AppointmentService.CreateAppointment", &appointments::CreateAppointment)
      .Command("AppointmentService.MoveAppointment", &appointments::MoveAppointment)
      .Query("AppointmentService.CountAppointments", &appointments::CountAppointments)
      .Query("CourseService.ListCourses", &courses::ListCourses)
      .Query("CourseService.GetCourse", &courses::GetCourse)
      .Command("CourseService.CloseCourse", &courses::CloseCourse)
      .Command("CourseService.ReopenCourse", &courses::ReopenCourse)
      .Command("VisitService.RegisterVisit", &visits::RegisterVisit)
      .Query("VisitService.GetVisit", &visits::GetVisit)
      .Query("VisitService.CountVisits", &visits::CountVisits)
      .Command("SettlementService.RecordSettlement", &settlements::RecordSettlement)
      .Query("SettlementService.GetSettlement", &settlements::GetSettlement)
      .Query("SettlementService.SummariseSettlements", &settlements::SummariseSettlements)
      .Query("SettlementService.RankCustomers", &settlements::RankCustomers)
      .Query("SettlementService.GetControlTotal", &settlements::GetControlTotal)
      .Command("PersonService.RecordConsent", &customers::RecordConsent)
      .Query("PersonService.ListConsents", &customers::ListConsents)
      .Command("PersonService.MarkCustomer", &customers::MarkCustomer)
      .Query("PersonService.GetMarks", &customers::GetMarks)
      .Command("PersonService.ConfirmBirthday", static_cast<Confirm>(&customers::ConfirmBirthday))
      .Query("PersonService.FindBirthdays", &customers::FindBirthdays)
      .Query("PersonService.GetContacts", &customers::GetContacts);
}

}  // namespace

std::vector<db::Migration> AllMigrations() { return imports::AllMigrations(); }

void Install(runtime::Service& service) {
  imports::Install(service);
  policies::Install<PolicySpec>(service);
  service.Doctor(doctor::Checks());
  Register(service);
}

}  // namespace renxin::leads
