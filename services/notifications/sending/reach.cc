#include "services/notifications/sending/reach.h"

#include "renxin/leads/v1/persons.pb.h"

namespace renxin::notifications::sending {
namespace {

bool Counts(const messages::Row& row) { return row.marketing && !row.greeting && !row.task(); }

std::string OccasionOf(const std::string& person, const messages::Row& row) { return person + '\n' + row.kind + '\n' + row.occasion; }

}  // namespace

Reach::Reach(runtime::ServiceClient& client, const Environment& env, const Policy& policy, const Contacts& contacts,
             const std::vector<const messages::Row*>& rows, Instant now)
    : env_(env), policy_(policy), now_(now) {
  std::vector<std::string> phones;
  std::vector<std::string> people;
  for (const auto& [id, contact] : contacts) {
    const recipients::Keys& keys = keys_.emplace(id, recipients::KeysOf(env, contact.name(), contact.phone())).first->second;
    stops_.Want(id, keys);
    if (keys.phone.empty()) continue;
    phones.push_back(keys.phone);
    people.push_back(keys.person);
  }
  if (contacts.empty()) return;
  const Day today = env.zone.DayOf(now);
  client.Read([&](Tx& tx) {
    stops_.Load(tx);
    by_phone_ = messages::CountsOfPhones(tx, phones, env.zone.StartOf(today), env.zone.StartOf(MonthOf(today)));
    had_.clear();
    for (const messages::Row* row : rows) {
      const std::string& person = keys_[row->recipient].person;
      if (!person.empty() && messages::HadUnderAnotherRecord(tx, *row, person)) had_.insert(OccasionOf(person, *row));
    }
  });
}

recipients::Keys Reach::KeysOf(const std::string& customer_id) const {
  const auto found = keys_.find(customer_id);
  return found == keys_.end() ? recipients::Keys() : found->second;
}

Judgement Reach::Check(const messages::Row& row, const leads::v1::Contact& to) const {
  const recipients::Keys keys = KeysOf(row.recipient);
  const auto express = ParseTime(to.express_consent_at());
  ReachFacts facts{.marketing = row.marketing, .counts = Counts(row)};
  facts.stopped = recipients::IsStopped(stops_.Of(row.recipient, keys), express ? std::optional(*express) : std::nullopt);
  facts.had_it = had_.contains(OccasionOf(keys.person, row));
  if (const auto counts = by_phone_.find(keys.phone); counts != by_phone_.end()) {
    facts.marketing_today = counts->second.today;
    facts.marketing_this_month = counts->second.this_month;
  }
  return JudgeReach(facts, policy_, now_, env_.zone);
}

void Reach::Record(const messages::Row& row) {
  const recipients::Keys keys = KeysOf(row.recipient);
  if (keys.phone.empty()) return;
  had_.insert(OccasionOf(keys.person, row));
  if (!Counts(row)) return;
  messages::PhoneCounts& counts = by_phone_[keys.phone];
  ++counts.today;
  ++counts.this_month;
}

}  // namespace renxin::notifications::sending
