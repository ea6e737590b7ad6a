#include "services/leads/appointments/handlers.h"
#include "services/leads/consultations/handlers.h"
#include "services/leads/customers/handlers.h"
#include "services/leads/settlements/handlers.h"
#include "services/leads/visits/handlers.h"
#include "services/leads/wiring.h"

int main(int argc, char** argv) {
  using namespace renxin::leads;  // NOLINT: the wiring of one program
  renxin::runtime::Service service("leads", AllMigrations());
  Install(service);
  service.Query("CustomerService.GetCustomer", &customers::GetCustomer)
      .Command("CustomerService.RevealCustomer", &customers::RevealCustomer)
      .Query("CustomerService.CountCustomers", &customers::CountCustomers)
      .Query("CustomerService.ListHouseholds", &customers::ListHouseholds)
      .Command("CustomerService.ConfirmHousehold", &customers::ConfirmHousehold)
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
      .Command("VisitService.RegisterVisit", &visits::RegisterVisit)
      .Query("VisitService.GetVisit", &visits::GetVisit)
      .Query("VisitService.CountVisits", &visits::CountVisits)
      .Command("SettlementService.RecordSettlement", &settlements::RecordSettlement)
      .Query("SettlementService.GetSettlement", &settlements::GetSettlement)
      .Query("SettlementService.SummariseSettlements", &settlements::SummariseSettlements)
      .Query("SettlementService.RankCustomers", &settlements::RankCustomers)
      .Query("SettlementService.GetControlTotal", &settlements::GetControlTotal);
  return service.Run(argc, argv);
}
