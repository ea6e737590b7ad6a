#include "services/leads/customers/consents_store.h"

namespace renxin::leads::customers::consents {
namespace {

const db::InsertSpec kConsents{.table = "consents",
                               .columns = {"customer_id", "purpose", "at", "given", "source", "text_version", "recorded_at", "recorded_by"},
                               .suffix = "on conflict do nothing"};

}  // namespace

void StageFirst(Tx& tx, const std::string& customer_id, const Entry& entry) {
  tx.Stage(kConsents, {customer_id, entry.decision.purpose, entry.decision.at.micros, std::int64_t{entry.decision.given}, entry.source,
                       entry.text_version, entry.recorded_at.micros, entry.recorded_by});
}

void Record(Tx& tx, const std::string& customer_id, const Entry& entry) {
  // One after the other for a customer: two who decide at the same moment must both be seen by what is written below.
  const std::string hold = "select id from customers where id = :id" + std::string(tx.ForUpdate());
  tx.First<std::string>(hold, {{"id", customer_id}});
  StageFirst(tx, customer_id, entry);
  if (entry.decision.purpose != "marketing") return;
  std::vector<Decision> decisions;
  std::vector<Entry> all = List(tx, customer_id);
  decisions.reserve(all.size());
  for (const Entry& one : all) decisions.push_back(one.decision);
  const Decision* deciding = Deciding(decisions, "marketing");
  if (deciding == nullptr) return;
  const Entry& by = all[static_cast<std::size_t>(deciding - decisions.data())];
  tx.Exec("update customers set marketing_consent = :yes, consent_at = :at, consent_source = :source where id = :id",
          {{"yes", deciding->given ? 1 : 0},
           {"at", deciding->at.micros == 0 ? db::Value() : db::Value(deciding->at.micros)},
           {"source", db::TextOrNull(by.source)},
           {"id", customer_id}});
}

std::vector<Entry> List(Tx& tx, const std::string& customer_id) {
  std::vector<Entry> entries;
  for (auto& [purpose, at, given, source, text_version, recorded_at, recorded_by] :
       tx.Select<std::string, std::int64_t, std::int64_t, std::string, std::string, std::int64_t, std::string>(
           "select purpose, at, given, source, text_version, recorded_at, recorded_by from consents where customer_id = :id "
           "order by at desc, given, recorded_at desc limit 200",
           {{"id", customer_id}})) {
    entries.push_back({{purpose, given != 0, {at}, {recorded_at}}, source, text_version, {recorded_at}, recorded_by});
  }
  return entries;
}

}  // namespace renxin::leads::customers::consents
