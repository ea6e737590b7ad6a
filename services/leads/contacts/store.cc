#include "services/leads/contacts/store.h"

#include <stdexcept>

#include "services/leads/marks/store.h"
#include "services/leads/persons/store.h"
#include "shared/db/stored.h"

namespace renxin::leads::contacts {

std::vector<Contact> Contacts(Tx& tx, const Environment& env, const std::vector<std::string>& customer_ids) {
  const auto marks = marks::OfAll(tx, env, customer_ids);
  std::vector<Contact> contacts;
  for (auto& [id, data_key, name, phone, consent, express] :
       tx.SelectIn<std::string, std::string, std::string, std::string, std::int64_t, std::optional<std::int64_t>>(
           "select id, data_key, name, phone, marketing_consent, case when express_consent_phone = phone_index then express_consent_at end "
           "from customers where id in (:keys)",
           customer_ids)) {
    try {
      const persons::Person person = persons::Open(env, {.id = id, .data_key = data_key, .name = name, .phone = phone});
      const auto marked = marks.find(id);
      contacts.push_back({.customer_id = id,
                          .name = person.name,
                          .phone = person.phone,
                          .marketing_consent = consent != 0,
                          .express_consent_at = express ? std::optional(Instant{*express}) : std::nullopt,
                          .marks = marked == marks.end() ? std::set<std::string>() : marked->second});
    } catch (const std::runtime_error&) {
      db::ReportUnreadable("customers", id);  // the others are reached all the same
    }
  }
  return contacts;
}

}  // namespace renxin::leads::contacts
