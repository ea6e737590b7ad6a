#include "services/identity/accounts/handlers.h"
#include "services/identity/attempts/store.h"
#include "services/identity/bootstrap.h"
#include "services/identity/doctor/store.h"
#include "services/identity/sessions/handlers.h"
#include "services/identity/sessions/store.h"
#include "services/identity/staff/handlers.h"
#include "services/identity/staff/imports.h"
#include "shared/intake/wiring.h"
#include "shared/operations/wiring.h"

int main(int argc, char** argv) {
  using namespace renxin::identity;  // NOLINT: the wiring of one program
  renxin::runtime::Service service("identity", AllMigrations());
  if (argc > 1 && std::string_view(argv[1]) == "--bootstrap-administrator") return Bootstrap(service, argc, argv);
  renxin::operations::Install(
      service, {renxin::intake::Install(service, {.service = "identity", .kinds = {staff::StaffFile(), staff::MovesFile()}})});
  service.AtStart(&sessions::LoadKeys)
      .Retain(renxin::runtime::DeletedAfter("sessions", sessions::kUnusedKept, sessions::kUnused))
      .Retain(renxin::runtime::DeletedAfter("refresh_tokens", sessions::kIssuedKept, sessions::kIssued))
      .Retain(renxin::runtime::DeletedAfter("attempts", attempts::kKept, attempts::kAged));
  service.Command("SessionService.SignIn", &sessions::CheckSignIn, &sessions::SignIn)
      .Command("SessionService.RefreshSession", &sessions::RefreshSession)
      .Command("SessionService.EndSession", &sessions::EndSession)
      .Query("SessionService.GetSession", &sessions::GetSession)
      .Query("SessionService.GetSigningKeys", &sessions::GetSigningKeys)
      .Command("AccountService.CreateAccount", &accounts::HashForCreate, &accounts::CreateAccount)
      .Query("AccountService.GetAccount", &accounts::GetAccount)
      .Query("AccountService.ListAccounts", &accounts::ListAccounts)
      .Command("AccountService.DisableAccount", &accounts::DisableAccount)
      .Command("AccountService.ChangePassword", &accounts::HashForChange, &accounts::ChangePassword)
      .Command("StaffService.CreateStaff", &staff::CreateStaff)
      .Query("StaffService.GetStaff", &staff::GetStaff)
      .Query("StaffService.ListStaff", &staff::ListStaff)
      .Command("StaffService.MoveStaff", &staff::MoveStaff)
      .Query("StaffService.ResolveStaff", &staff::ResolveStaff)
      .Query("StaffService.GetControlTotal", &staff::GetControlTotal);
  service.Doctor(doctor::Checks());
  return service.Run(argc, argv);
}
