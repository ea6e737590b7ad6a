#include "services/leads/consents/store.h"

#include <algorithm>
#include <array>
#include <limits>

#include "shared/core/text.h"
#include "shared/db/rows.h"

namespace renxin::leads::consents {
namespace {

const db::InsertSpec kConsents{.table = "consents",
                               .columns = {"id", "customer_id", "purpose", "at", "given", "source", "text_version", "recorded_at",
                                           "recorded_by", "by_file", "phone_index"},
                               .suffix = "on conflict do nothing"};

constexpr std::array<const char*, 5> kPurposes{"service", "marketing", "health_data", "pass_to_partner", "pass_from_partner"};
// Of one purpose, to see which decides: what is older than so many others does not.
constexpr int kDecidingMax = 200;

const db::Rows<Entry> kEntries("consents", {{"id", &Entry::id},
                                            {"purpose", &Entry::decision, &Decision::purpose},
                                            {"at", &Entry::decision, &Decision::at},
                                            {"given", &Entry::decision, &Decision::given},
                                            {"source", &Entry::source},
                                            {"text_version", &Entry::text_version},
                                            {"recorded_at", &Entry::recorded_at},
                                            {"recorded_by", &Entry::recorded_by},
                                            {"by_file", &Entry::by_file},
                                            {"phone_index", &Entry::phone_index}});

std::vector<Entry> SelectEntries(Tx& tx, const std::string& where, const db::Binds& binds) {
  std::vector<Entry> entries = kEntries.Select(tx, "where " + where, binds);
  for (Entry& entry : entries) entry.decision.recorded_at = entry.recorded_at;
  return entries;
}

std::vector<Entry> OfPurpose(Tx& tx, const std::string& customer_id, std::string_view purpose) {
  return SelectEntries(
      tx, "customer_id = :id and purpose = :purpose order by at desc, given, recorded_at desc limit " + std::to_string(kDecidingMax),
      {{"id", customer_id}, {"purpose", purpose}});
}

const Entry* DecidingOf(const std::vector<Entry>& entries, const std::string& purpose) {
  std::vector<Decision> decisions;
  decisions.reserve(entries.size());
  for (const Entry& one : entries) decisions.push_back(one.decision);
  const Decision* deciding = Deciding(decisions, purpose);
  return deciding == nullptr ? nullptr : &entries[static_cast<std::size_t>(deciding - decisions.data())];
}

// `phone_index`: of the phone that the person had then.
void Append(Tx& tx, const std::string& customer_id, const Entry& entry, const std::string& phone_index) {
  tx.Stage(kConsents,
           {NewId(), customer_id, entry.decision.purpose, entry.decision.at.micros, std::int64_t{entry.decision.given}, entry.source,
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
  const std::vector<Entry> all = OfPurpose(tx, customer_id, "marketing");
  const Entry* deciding = DecidingOf(all, "marketing");
  if (deciding == nullptr) return;
  const Entry* express = ExpressOf(all);
  tx.Exec(
      "update customers set marketing_consent = :yes, consent_at = :at, consent_source = :source, express_consent_at = :express, "
      "express_consent_phone = :phone where id = :id",
      {{"yes", deciding->decision.given ? 1 : 0},
       {"at", deciding->decision.at.micros == 0 ? db::Value() : db::Value(deciding->decision.at.micros)},
       {"source", db::TextOrNull(deciding->source)},
       {"express", express != nullptr ? db::Value(express->decision.at.micros) : db::Value()},
       {"phone", express != nullptr ? db::TextOrNull(express->phone_index) : db::Value()},
       {"id", customer_id}});
}

std::vector<Entry> Current(Tx& tx, const std::string& customer_id) {
  std::vector<Entry> current;
  for (const char* purpose : kPurposes) {
    const std::vector<Entry> entries = OfPurpose(tx, customer_id, purpose);
    if (const Entry* deciding = DecidingOf(entries, purpose)) current.push_back(*deciding);
  }
  std::stable_sort(current.begin(), current.end(), [](const Entry& a, const Entry& b) { return a.decision.at > b.decision.at; });
  return current;
}

contract::Paged<Entry> List(Tx& tx, const std::string& customer_id, const std::string& purpose, const contract::Page& page) {
  std::string where = "customer_id = :id and at <= :at";
  db::Binds binds{{"id", customer_id}, {"at", page.first() ? std::numeric_limits<std::int64_t>::max() : page.Number(0)}};
  if (!page.first()) {
    where += " and (at < :at2 or id < :before)";
    binds.insert(binds.end(), {{"at2", page.Number(0)}, {"before", page.Text(1)}});
  }
  if (!purpose.empty()) {
    where += " and purpose = :purpose";
    binds.emplace_back("purpose", purpose);
  }
  auto rows = SelectEntries(tx, where + " order by at desc, id desc limit " + std::to_string(page.fetch()), binds);
  return contract::Cut(kConsentList, page, std::move(rows), [](const Entry& one) {
    return std::vector<std::string>{std::to_string(one.decision.at.micros), one.id};
  });
}

}  // namespace renxin::leads::consents
