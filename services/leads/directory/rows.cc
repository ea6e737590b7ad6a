#include "services/leads/directory/rows.h"

#include "renxin/leads/v1/leads_policy.pb.h"
#include "shared/intake/store.h"

namespace renxin::leads::directory {
Person ReadPerson(intake::Fields& fields, std::string_view name_column, const PhoneRules& phones, Day today) {
  const Person typed{fields.Text(name_column), fields.Text("phone"), fields.Text("birthday"), fields.Text("birthday_calendar")};
  return fields.Require(persons::CheckPerson(typed, name_column, false, phones, today));
}

std::vector<std::string> PhonesOf(const intake::KindSpec& kind, const std::vector<intake::Record>& records, const PhoneRules& rules) {
  std::vector<std::string> phones;
  for (const intake::Record& record : records) {
    const intake::Fields fields(kind, record.rows.front());
    if (!fields.Has("phone")) continue;
    if (auto phone = NormalisePhone(fields.Text("phone"), rules)) phones.push_back(std::move(phone->e164));
  }
  return phones;
}

bool WaitsForCustomer(const intake::Refs& refs, const std::string& customer_no, const Person& person) {
  return !customer_no.empty() && (person.name.empty() || person.phone.empty()) && !refs.Find("customers", customer_no);
}

CustomerOf FindOrAdd(Tx& tx, intake::Batch& batch, intake::Refs& refs, CustomerDirectory& directory, const std::string& customer_no,
                     const Person& person, const Origin& origin) {
  CustomerOf out;
  if (WaitsForCustomer(refs, customer_no, person)) {
    out.waits = true;
    return out;
  }
  if (const auto known = refs.Find("customers", customer_no)) {
    out.id = *known;
    if (!person.name.empty() && !person.phone.empty()) directory.Update(out.id, person, origin);
    return out;
  }
  const Added added = directory.Add(person, {}, origin, batch.source);
  out.id = added.id;
  out.households = added.household_proposed ? 1 : 0;
  if (customer_no.empty()) return out;
  // Known from now on, but not yet by a row of its own: customers.csv will write over it.
  refs.Add("customers", customer_no, out.id);
  intake::store::ClaimKey(tx, "customers", batch.source, {customer_no, out.id, ""});
  customers::PublishRegistered(tx, out.id, batch.source, customer_no, 1, batch.now);
  batch.also_known.emplace_back("customers", customer_no);
  return out;
}

}  // namespace renxin::leads::directory
