// Customers and what they agreed to.

#include <map>

#include "services/leads/consents/rules.h"
#include "services/leads/doctor/doctor.h"
#include "services/leads/persons/store.h"
#include "shared/core/phone.h"

namespace renxin::leads::doctor {
namespace {

// What cannot be opened is a finding of its own.
std::optional<persons::Person> Open(const Environment& env, const persons::Sealed& sealed) {
  try {
    return persons::Open(env, sealed);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

void CheckOne(const persons::Person& person, Day today, CheckedRow* row) {
  // A file may bring somebody without a name; a name that was typed shows something.
  row->Expect(CheckName("name", person.name, !person.name.empty()), "G8");
  if (!person.phone.empty() && !IsSoundE164(person.phone)) row->Add("G4", "phone: is no valid number");
  row->Expect(CheckBirthday(person.birthday, person.birthday_calendar, today), "L3");
}

}  // namespace

std::vector<CheckedRow> CheckCustomers(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  const Day today = ctx.env.zone.DayOf(ctx.now);
  std::vector<CheckedRow> rows;
  for (auto& [id, data_key, name, phone, birthday, calendar] :
       tx.Select<std::string, std::string, std::string, std::string, std::string, std::string>(
           "select id, data_key, name, phone, birthday, birthday_calendar from customers where id > :after order by id limit " +
               std::to_string(limit),
           {{"after", after}})) {
    CheckedRow& row = rows.emplace_back(CheckedRow{.record = "customer", .id = id});
    const auto person = Open(ctx.env, {id, data_key, name, phone, birthday, calendar});
    if (!person) {
      row.Add("G6", "personal data cannot be opened with this service's keys");
      continue;
    }
    CheckOne(*person, today, &row);
  }
  return rows;
}

std::vector<CheckedRow> CheckConsents(Tx& tx, const DoctorContext& ctx, const std::string& after, int limit) {
  std::vector<CheckedRow> rows;
  std::vector<std::string> ids;
  std::map<std::string, std::size_t> index;
  for (auto& [id] : tx.Select<std::string>("select id from customers where id > :after order by id limit " + std::to_string(limit),
                                           {{"after", after}})) {
    index[id] = rows.size();
    rows.push_back({.record = "consent", .id = id});
    ids.push_back(id);
  }
  for (auto& [id, purpose, at, source] : tx.SelectIn<std::string, std::string, std::int64_t, std::string>(
           "select customer_id, purpose, at, source from consents where customer_id in (:keys) order by customer_id, purpose, at", ids)) {
    // 0: nobody knows when it was given.
    const std::optional<Instant> given_at = at == 0 ? std::nullopt : std::optional<Instant>(Instant{at});
    rows[index.at(id)].Expect(consents::CheckConsent({}, given_at, source, ctx.now, EntryPath::kFile), "P2");
  }
  return rows;
}

}  // namespace renxin::leads::doctor
