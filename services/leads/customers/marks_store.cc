#include "services/leads/customers/marks_store.h"

namespace renxin::leads::customers::marks {
namespace {

std::string Open(const privacy::DataKey& key, std::string_view column, const std::string& id, const std::string& sealed) {
  return sealed.empty() ? std::string() : privacy::Sealer::Open(key, "customers." + std::string(column) + ":" + id, sealed);
}

}  // namespace

bool Put(Tx& tx, const std::string& customer_id, const std::string& mark, bool set) {
  const db::Binds binds{{"id", customer_id}, {"mark", mark}, {"is_set", set ? 1 : 0}};
  if (!set) return tx.Exec("update marks set is_set = :is_set where customer_id = :id and mark = :mark and is_set <> 0", binds) > 0;
  return tx.Exec(
             "insert into marks (customer_id, mark, is_set) values (:id, :mark, :is_set) "
             "on conflict (customer_id, mark) do update set is_set = excluded.is_set where marks.is_set <> excluded.is_set",
             binds) > 0;
}

std::set<std::string> Of(Tx& tx, const std::string& customer_id) {
  std::set<std::string> marks;
  for (auto& [mark] :
       tx.Select<std::string>("select mark from marks where customer_id = :id and is_set = 1 limit 10", {{"id", customer_id}}))
    marks.insert(mark);
  return marks;
}

std::vector<Contact> Contacts(Tx& tx, const Environment& env, const std::vector<std::string>& customer_ids) {
  std::map<std::string, std::set<std::string>> marks;
  for (auto& [id, mark] : tx.SelectIn<std::string, std::string>(
           "select customer_id, mark from marks where is_set = 1 and customer_id in (:keys)", customer_ids))
    marks[id].insert(mark);
  std::vector<Contact> contacts;
  for (auto& [id, wrapped, name, phone, consent] : tx.SelectIn<std::string, std::string, std::string, std::string, std::int64_t>(
           "select id, data_key, name, phone, marketing_consent from customers where id in (:keys)", customer_ids)) {
    const privacy::DataKey key = env.sealer.UnwrapKey(wrapped, id);
    contacts.push_back({id, Open(key, "name", id, name), Open(key, "phone", id, phone), consent != 0, marks[id]});
  }
  return contacts;
}

}  // namespace renxin::leads::customers::marks
