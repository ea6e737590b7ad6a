#include "services/leads/consents/store.h"

namespace renxin::leads::consents {
namespace {

const db::InsertSpec kConsents{
    .table = "consents",
    .columns = {"customer_id", "purpose", "at", "given", "source", "text_version", "recorded_at", "recorded_by", "by_file", "phone_index"},
    .suffix = "on conflict do nothing"};


// `phone_index`: of the phone that the person had then.
void Append(Tx& tx, const std::string& customer_id, const Entry& entry, const std::string& phone_index) {
  tx.Stage(kConsents,
           {customer_id, entry.decision.purpose, entry.decision.at.micros, std::int64_t{entry.decision.given}, entry.source,
            entry.text_version, entry.recorded_at.micros, entry.recorded_by, std::int64_t{entry.by_file}, db::TextOrNull(phone_index)});
}

// N3: what a person said by a route and has not taken back since. `newest_first`, as listed.
const Entry* ExpressOf(const std::vector<Entry>& newest_first) {
  for (const Entry& entry : newest_first) {
    if (entry.decision.purpose != "marketing") continue;
    if (!entry.decision.given) return nullptr;
    if (!entry.by_file) return &entry;
  }
  return nullptr;
}

}  // namespace

void StageFirst(Tx& tx, const std::string& customer_id, const Entry& entry) { Append(tx, customer_id, entry, ""); }

void Record(Tx& tx, const std::string& customer_id, const Entry& entry) {
  // One after the other for a customer: two who decide at the same moment must both be seen by what is written below.
  const std::string hold = "select phone_index from customers where id = :id" + std::string(tx.ForUpdate());
  const auto held = tx.First<std::string>(hold, {{"id", customer_id}});
  Append(tx, customer_id, entry, held ? std::get<0>(*held) : "");
  if (entry.decision.purpose != "marketing") return;
  std::vector<Decision> decisions;
  std::vector<Entry> all = List(tx, customer_id);
  decisions.reserve(all.size());
  for (const Entry& one : all) decisions.push_back(one.decision);
  const Decision* deciding = Deciding(decisions, "marketing");
  if (deciding == nullptr) return;
  const Entry& by = all[static_cast<std::size_t>(deciding - decisions.data())];
  const Entry* express = ExpressOf(all);
  tx.Exec(
      "update customers set marketing_consent = :yes, consent_at = :at, consent_source = :source, express_consent_at = :express, "
      "express_consent_phone = :phone where id = :id",
      {{"yes", deciding->given ? 1 : 0},
       {"at", deciding->at.micros == 0 ? db::Value() : db::Value(deciding->at.micros)},
       {"source", db::TextOrNull(by.source)},
       {"express", express != nullptr ? db::Value(express->decision.at.micros) : db::Value()},
       {"phone", express != nullptr ? db::TextOrNull(express->phone_index) : db::Value()},
       {"id", customer_id}});
}

std::vector<Entry> List(Tx& tx, const std::string& customer_id) {
  std::vector<Entry> entries;
  for (auto& [purpose, at, given, source, text_version, recorded_at, recorded_by, by_file, phone_index] :
       tx.Select<std::string, std::int64_t, std::int64_t, std::string, std::string, std::int64_t, std::string, std::int64_t, std::string>(
           "select purpose, at, given, source, text_version, recorded_at, recorded_by, by_file, phone_index from consents where "
           "customer_id = :id "
           "order by at desc, given, recorded_at desc limit 200",
           {{"id", customer_id}})) {
    entries.push_back(
        {{purpose, given != 0, {at}, {recorded_at}}, source, text_version, {recorded_at}, recorded_by, by_file != 0, phone_index});
  }
  return entries;
}

}  // namespace renxin::leads::consents
