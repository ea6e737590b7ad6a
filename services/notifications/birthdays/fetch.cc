#include "services/notifications/birthdays/fetch.h"

#include "renxin/leads/v1/persons.pb.h"
#include "shared/core/lunar.h"

namespace renxin::notifications::birthdays {
namespace {
constexpr int kPageRows = 200;
constexpr int kRowsMax = 50'000;
}  // namespace

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
  question.set_page_size(page_size == 0 ? kPageRows : page_size);
  question.set_page_token(page_token);
  return client.Call<leads::v1::FindBirthdaysResponse>("leads", "PersonService.FindBirthdays", question);
}

Result<leads::v1::FindBirthdaysResponse> FetchAll(runtime::ServiceClient& client, Day day, const std::string& imported_from) {
  leads::v1::FindBirthdaysResponse all;
  std::string token;
  do {
    ASSIGN_OR_RETURN(const auto page, FetchPage(client, day, imported_from, kPageRows, token));
    all.mutable_customers()->MergeFrom(page.customers());
    if (all.customers_size() > kRowsMax) {
      return Error{Code::kTooLarge, Reason::kBodyTooLarge, "too many birthdays on one day to count them at once"};
    }
    token = page.next_page_token();
  } while (!token.empty());
  return all;
}

}  // namespace renxin::notifications::birthdays
