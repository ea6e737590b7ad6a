#include "services/leads/marks/store.h"

#include <stdexcept>

#include "services/leads/persons/store.h"

namespace renxin::leads::marks {
namespace {

std::string IndexOf(const Environment& env, const std::string& customer_id, std::string_view mark) {
  return env.sealer.BlindIndex("mark", customer_id + "\n" + std::string(mark));
}

// The names of those of a person's indexes.
std::set<std::string> NamesOf(const Environment& env, const std::string& customer_id, const std::set<std::string>& indexes) {
  std::set<std::string> names;
  for (const char* mark : {"deceased", "compassion"}) {
    if (indexes.contains(IndexOf(env, customer_id, mark))) names.insert(mark);
  }
  return names;
}

privacy::SealedRecord RecordOf(Tx& tx, const Environment& env, const std::string& customer_id) {
  const auto row = tx.First<std::string>("select data_key from customers where id = :id", {{"id", customer_id}});
  if (!row) throw std::runtime_error("no key of the customer");
  return persons::LoadRecord(env, customer_id, std::get<0>(*row));
}

}  // namespace

bool Store(Tx& tx, const Environment& env, const std::string& customer_id, const std::string& mark, bool set) {
  const db::Binds binds{{"id", customer_id}, {"mark", IndexOf(env, customer_id, mark)}, {"is_set", set ? 1 : 0}};
  if (!set) return tx.Exec("update marks set is_set = :is_set where customer_id = :id and mark = :mark and is_set <> 0", binds) > 0;
  return tx.Exec(
             "insert into marks (customer_id, mark, is_set) values (:id, :mark, :is_set) "
             "on conflict (customer_id, mark) do update set is_set = excluded.is_set where marks.is_set <> excluded.is_set",
             binds) > 0;
}

std::set<std::string> Of(Tx& tx, const Environment& env, const std::string& customer_id) {
  std::set<std::string> marks;
  for (auto& [mark] :
       tx.Select<std::string>("select mark from marks where customer_id = :id and is_set = 1 limit 10", {{"id", customer_id}}))
    marks.insert(mark);
  return NamesOf(env, customer_id, marks);
}

void AppendHistory(Tx& tx, const Environment& env, db::Change change) {
  const privacy::SealedRecord record = RecordOf(tx, env, change.record_id);
  for (std::string* text : {&change.from, &change.to, &change.why}) *text = record.SealHistory(*text);
  db::AppendHistory(tx, change);
}

std::vector<db::Change> HistoryOf(Tx& tx, const Environment& env, const std::string& customer_id) {
  std::vector<db::Change> changes = db::HistoryOf(tx, env.sealer, "mark", customer_id);
  if (changes.empty()) return changes;
  const privacy::SealedRecord record = RecordOf(tx, env, customer_id);
  for (db::Change& change : changes) {
    for (std::string* text : {&change.from, &change.to, &change.why}) *text = record.OpenHistory(*text);
  }
  return changes;
}

std::map<std::string, std::set<std::string>> OfAll(Tx& tx, const Environment& env, const std::vector<std::string>& customer_ids) {
  std::map<std::string, std::set<std::string>> marks;
  for (auto& [id, mark] : tx.SelectIn<std::string, std::string>(
           "select customer_id, mark from marks where is_set = 1 and customer_id in (:keys)", customer_ids))
    marks[id].insert(mark);
  for (auto& [id, indexes] : marks) indexes = NamesOf(env, id, indexes);
  return marks;
}

}  // namespace renxin::leads::marks
