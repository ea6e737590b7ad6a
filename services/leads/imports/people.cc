#include "services/leads/imports/people.h"

#include "shared/core/phone.h"
#include "shared/core/text.h"
#include "shared/intake/store.h"

namespace renxin::leads::imports {
namespace {

// Lunar ones are lunar year-month-day: day 30 of a second month is one, the solar calendar has none.
bool IsLunarDay(const std::string& text) {
  const std::vector<std::string> parts = SplitText(text, '-');
  if (parts.size() != 3 || parts[0].size() != 4 || parts[1].size() != 2 || parts[2].size() != 2) return false;
  for (const std::string& part : parts) {
    if (part.find_first_not_of("0123456789") != std::string::npos) return false;
  }
  const int year = std::stoi(parts[0]);
  const int month = std::stoi(parts[1]);
  const int day = std::stoi(parts[2]);
  return year >= 1901 && year <= 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 30;
}

}  // namespace

customers::Person ReadPerson(intake::Fields& fields, std::string_view name_column, const std::string& region) {
  customers::Person person{.name = fields.Text(name_column), .phone = "", .birthday = "", .birthday_calendar = ""};
  if (CodePoints(person.name) > 60) fields.Refuse(name_column, "longer than 60 characters");
  if (fields.Has("phone")) {
    const auto phone = NormalisePhone(fields.Text("phone"), region);
    if (phone) {
      person.phone = *phone;
    } else {
      fields.Refuse("phone", phone.error().fields.front().message);
    }
  }
  if (!fields.Has("birthday")) return person;
  person.birthday_calendar = fields.Code("birthday_calendar", {"solar", "lunar", "lunar_leap"});
  if (person.birthday_calendar.empty()) person.birthday_calendar = "solar";
  person.birthday = fields.Text("birthday");
  if (person.birthday_calendar == "solar") {
    fields.Date("birthday");
  } else if (!IsLunarDay(person.birthday)) {
    fields.Refuse("birthday", "not a lunar date: year-month-day, month 1 to 12, day 1 to 30");
  }
  return person;
}

std::vector<std::string> PhonesOf(const intake::KindSpec& kind, const std::vector<intake::Record>& records, const std::string& region) {
  std::vector<std::string> phones;
  for (const intake::Record& record : records) {
    const intake::Fields fields(kind, record.rows.front());
    if (!fields.Has("phone")) continue;
    if (auto phone = NormalisePhone(fields.Text("phone"), region)) phones.push_back(std::move(*phone));
  }
  return phones;
}

CustomerOf FindOrAdd(Tx& tx, intake::Batch& batch, Refs& refs, customers::Book& book, const std::string& customer_no,
                     const customers::Person& person, const customers::Origin& origin) {
  CustomerOf out;
  const bool describes = !person.name.empty() && !person.phone.empty();
  if (const auto known = refs.Find("customers", customer_no)) {
    out.id = *known;
    if (describes) book.Update(out.id, person, origin);
    return out;
  }
  if (!customer_no.empty() && !describes) {
    out.waits = true;
    return out;
  }
  const customers::Added added = book.Add(person, {}, origin, batch.source);
  out.id = added.id;
  out.households = added.household_proposed ? 1 : 0;
  if (customer_no.empty()) return out;
  // Known from now on, but not yet by a row of its own: customers.csv will write over it.
  refs.Put("customers", customer_no, out.id);
  intake::store::ClaimKey(tx, "customers", batch.source, {customer_no, out.id, ""});
  customers::PublishRegistered(tx, out.id, batch.source, customer_no, 1, batch.now);
  batch.also_known.emplace_back("customers", customer_no);
  return out;
}

}  // namespace renxin::leads::imports
