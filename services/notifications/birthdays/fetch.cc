#include "services/notifications/birthdays/fetch.h"

#include "renxin/leads/v1/persons.pb.h"
#include "shared/core/lunar.h"

namespace renxin::notifications::birthdays {
namespace {}  // namespace

Result<leads::v1::FindBirthdaysResponse> FetchPage(runtime::ServiceClient& client, Day day, const std::string& imported_from, int page_size,
                                                   const std::string& page_token) {
  leads::v1::FindBirthdaysRequest question;
  for (const Birthday& birthday : BirthdayKeys(day)) {
    auto* key = question.add_keys();
    key->set_calendar(std::string(CalendarName(birthday.calendar)));
    key->set_month(birthday.month);
    key->set_day(birthday.day);
  }
  question.set_imported_from(imported_from);
  question.set_page_size(page_size);
  question.set_page_token(page_token);
  return client.Call<leads::v1::FindBirthdaysResponse>("leads", "PersonService.FindBirthdays", question);
}

}  // namespace renxin::notifications::birthdays
