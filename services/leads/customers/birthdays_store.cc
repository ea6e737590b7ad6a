#include "services/leads/customers/birthdays_store.h"

#include <map>
#include "shared/db/stored.h"

namespace renxin::leads::customers {
namespace {

constexpr int kFillAtATime = 500;

std::string IndexOf(const Environment& env, const Birthday& birthday) {
  return env.sealer.BlindIndex(
      "birthday", std::string(CalendarName(birthday.calendar)) + "-" + std::to_string(birthday.month) + "-" + std::to_string(birthday.day));
}

}  // namespace

db::Value BirthdayIndexOrNull(const Environment& env, const Person& person) {
  if (person.birthday.empty()) return {};
  const auto birthday = BirthdayFrom(person.birthday, person.birthday_calendar);
  // A day that is none has a place of its own, so that the row does not count as one still to be filled.
  return birthday ? IndexOf(env, *birthday) : env.sealer.BlindIndex("birthday", "none");
}

namespace birthdays {

std::vector<Found> Find(Tx& tx, const Environment& env, const std::vector<Birthday>& keys, const std::string& imported_from,
                        const std::string& after, int limit) {
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
               std::to_string(limit),
           indexes, {{"after", after}, {"any", imported_from.empty() ? 1 : 0}, {"source", imported_from}})) {
    found.push_back({id, calendars[index], consent != 0});
  }
  return found;
}

bool Filling(Tx& tx) {
  return tx.First<std::string>("select id from customers where birthday is not null and birthday_index is null limit 1").has_value();
}

void ScheduleFill(Tx& tx, const TimerContext& ctx) {
  if (Filling(tx)) db::Schedule(tx, kFill, "", ctx.now);
}

void Fill(Tx& tx, const TimerContext& ctx) {
  auto rows = tx.Select<std::string, std::string, std::string, std::string>(
      "select id, data_key, birthday, birthday_calendar from customers where birthday is not null and birthday_index is null "
      "order by id limit " +
      std::to_string(kFillAtATime));
  for (const auto& [id, wrapped, sealed, calendar] : rows) {
    // An index that nothing is found by: one row that does not open must not keep everybody from being greeted.
    db::Value index = std::string();
    try {
      Person person;
      person.birthday = privacy::Sealer::Open(ctx.env.sealer.UnwrapKey(wrapped, id), "customers.birthday:" + id, sealed);
      person.birthday_calendar = calendar;
      if (db::Value found = BirthdayIndexOrNull(ctx.env, person); !std::holds_alternative<std::monostate>(found)) index = std::move(found);
    } catch (const std::runtime_error&) {
      db::ReportUnreadable("customers", id);
    }
    tx.Exec("update customers set birthday_index = :index where id = :id", {{"index", index}, {"id", id}});
  }
  if (static_cast<int>(rows.size()) == kFillAtATime) db::Schedule(tx, kFill, "", ctx.now);
}

}  // namespace birthdays
}  // namespace renxin::leads::customers
