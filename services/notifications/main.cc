#include "services/notifications/birthdays/handlers.h"
#include "services/notifications/members/reactions.h"
#include "services/notifications/messages/handlers.h"
#include "services/notifications/recipients/handlers.h"
#include "services/notifications/templates/handlers.h"
#include "services/notifications/wiring.h"

namespace renxin::notifications {
std::vector<db::Migration> Migrations();
}

int main(int argc, char** argv) {
  using namespace renxin::notifications;  // NOLINT: the wiring of one program
  renxin::runtime::Service service("notifications", Migrations());
  Install(service);
  service.Command("TemplateService.CreateTemplate", &templates::CreateTemplate)
      .Query("TemplateService.GetTemplate", &templates::GetTemplate)
      .Query("TemplateService.ListTemplates", &templates::ListTemplates)
      .Query("TemplateService.PreviewTemplate", &templates::PreviewTemplate)
      .BindPreflight<v1::CountBirthdaysRequest, v1::BirthdayCount, v1::BirthdayCount>(
          "BirthdayService.CountBirthdays", false, &birthdays::PreflightCount, &birthdays::CountBirthdays)
      .BindPreflight<v1::ListBirthdaysRequest, v1::ListBirthdaysResponse, birthdays::Fetched>(
          "BirthdayService.ListBirthdays", false, &birthdays::PreflightList, &birthdays::ListBirthdays)
      .Query("MessageService.ListMessages", &messages::ListMessages)
      .Query("MessageService.GetMessage", &messages::GetMessage)
      .Command("MessageService.ReleaseMessage", &messages::ReleaseMessage)
      .Query("MessageService.ListTasks", &messages::ListTasks)
      .Command("MessageService.CompleteTask", &messages::CompleteTask)
      .Query("RecipientService.GetRecipient", &recipients::PreflightRecipient, &recipients::GetRecipient)
      .Command("RecipientService.OptOut", &recipients::PreflightOptOut, &recipients::OptOut)
      .On("membership", "notifications_on-member", &members::OnMemberChanged);
  return service.Run(argc, argv);
}
