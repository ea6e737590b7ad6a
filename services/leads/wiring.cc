#include "services/leads/wiring.h"

#include "services/leads/customers/birthdays_store.h"
#include "services/leads/customers/persons.h"
#include "services/leads/imports/wiring.h"
#include "services/leads/policy/policy.h"

namespace renxin::leads {

std::vector<db::Migration> AllMigrations() { return imports::AllMigrations(); }

void Install(runtime::Service& service) {
  imports::Install(service);
  service.AtStart(&EnsurePolicy)
      .AtStart(&customers::birthdays::ScheduleFill)
      .Timer(customers::birthdays::kFill, &customers::birthdays::Fill)
      .Command("PersonService.RecordConsent", &customers::RecordConsent)
      .Query("PersonService.ListConsents", &customers::ListConsents)
      .Command("PersonService.MarkCustomer", &customers::MarkCustomer)
      .Query("PersonService.GetMarks", &customers::GetMarks)
      .Query("PersonService.FindBirthdays", &customers::FindBirthdays)
      .Query("PersonService.GetContacts", &customers::GetContacts);
}

}  // namespace renxin::leads
