#include "services/leads/birthdays/store.h"

#include <map>

#include "services/leads/persons/store.h"

namespace renxin::leads::birthdays {

contract::Paged<Found> Find(Tx& tx, const Environment& env, const std::vector<Birthday>& keys, const std::string& imported_from,
                            const contract::Page& page) {
  std::map<std::string, Calendar> calendars;
  std::vector<std::string> indexes;
  for (const Birthday& key : keys) {
    indexes.push_back(persons::BirthdayIndex(env, key));
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

bool Confirm(Tx& tx, const std::string& customer_id) {
  return tx.Exec("update customers set birthday_unconfirmed = 0, version = version + 1 where id = :id and birthday_unconfirmed = 1",
                 {{"id", customer_id}}) > 0;
}

}  // namespace renxin::leads::birthdays
