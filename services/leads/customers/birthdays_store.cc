#include "services/leads/customers/birthdays_store.h"

#include <map>
#include "shared/db/stored.h"

namespace renxin::leads::customers {
namespace {

std::string IndexOf(const Environment& env, const Birthday& birthday) {
  return env.sealer.BlindIndex(
      "birthday", std::string(CalendarName(birthday.calendar)) + "-" + std::to_string(birthday.month) + "-" + std::to_string(birthday.day));
}

}  // namespace

db::Value BirthdayIndexOrNull(const Environment& env, const Person& person) {
  if (person.birthday.empty()) return {};
  const auto birthday = BirthdayFrom(person.birthday, person.birthday_calendar);
  // A day that is none has a value of its own: nothing is found by it.
  return birthday ? IndexOf(env, *birthday) : env.sealer.BlindIndex("birthday", "none");
}

namespace birthdays {

contract::Paged<Found> Find(Tx& tx, const Environment& env, const std::vector<Birthday>& keys, const std::string& imported_from,
                            const contract::Page& page) {
  std::map<std::string, Calendar> calendars;
  std::vector<std::string> indexes;
  for (const Birthday& key : keys) {
    indexes.push_back(IndexOf(env, key));
    calendars[indexes.back()] = key.calendar;
  }
  std::vector<Found> found;
  for (auto& [id, index, consent] : tx.SelectIn<std::string, std::string, std::int64_t>(
           "select id, birthday_index, marketing_consent from customers where birthday_index in (:keys) and birthday_unconfirmed = 0 and "
           "id > :after "
           "and (:any = 1 or imported_from = :source) order by id limit " +
               std::to_string(page.fetch()),
           indexes, {{"after", page.Text(0)}, {"any", imported_from.empty() ? 1 : 0}, {"source", imported_from}})) {
    found.push_back({id, calendars[index], consent != 0});
  }
  return contract::Cut(kBirthdayList, page, std::move(found), [](const Found& one) { return std::vector<std::string>{one.customer_id}; });
}

}  // namespace birthdays
}  // namespace renxin::leads::customers
