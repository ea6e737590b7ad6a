#include "services/leads/directory/directory.h"

#include "shared/core/text.h"

namespace renxin::leads::directory {
namespace {

// Two people of one phone who come concurrently see each other and end in one household (L3).
constexpr std::string_view kPhoneLock = "phone";

}  // namespace

households::Member CustomerDirectory::MemberOf(const std::string& id, const Person& person) const {
  const persons::Indexes indexes = persons::IndexesOf(env_, person);
  return {id, indexes.name, indexes.birth};
}

void CustomerDirectory::WantPhones(Tx& tx, const Environment& env, const std::vector<std::string>& phones) {
  std::vector<std::string> indexes;
  indexes.reserve(phones.size());
  for (const std::string& phone : phones) indexes.push_back(persons::PhoneIndex(env, phone));
  tx.WantLocks(kPhoneLock, indexes);
  customers::WantOfPhones(tx, indexes);
  households::WantOfPhones(tx, indexes);
}

void CustomerDirectory::LoadPhones(const std::vector<std::string>& phones) {
  std::vector<std::string> wanted;
  for (const std::string& phone : phones) {
    const std::string index = persons::PhoneIndex(env_, phone);
    if (by_phone_.emplace(index, std::vector<households::Member>()).second) wanted.push_back(index);
  }
  db::HoldKeys(tx_, kPhoneLock, wanted);
  for (auto& [phone_index, member] : customers::OfPhones(tx_, wanted)) by_phone_[phone_index].push_back(std::move(member));
  household_of_.merge(households::OfPhones(tx_, wanted));
}

// True when a household came of it that was not there.
bool CustomerDirectory::AssignHousehold(const households::Member& who, const std::string& phone_index, const std::string& imported_from) {
  std::vector<households::Member>& known = by_phone_[phone_index];
  std::erase_if(known, [&](const households::Member& one) { return one.id == who.id; });
  bool proposed = false;
  if (households::MakesHousehold(known, who)) {
    auto household = household_of_.find(phone_index);
    if (household == household_of_.end()) {
      const std::string id = households::Propose(tx_, phone_index, imported_from, by_, now_);
      household = household_of_.emplace(phone_index, households::Household{.id = id}).first;
      proposed = true;
    } else if (household->second.state == households::State::kConfirmed) {
      // Nothing joins by itself: the clerk looks again.
      households::SetState(tx_, household->second.id, households::State::kProposed);
      household->second.state = households::State::kProposed;
      db::AppendHistory(tx_,
                        {"household", household->second.id, now_, by_, "confirmed", "proposed", "somebody more on the same phone (L3)"});
    }
    for (const households::Member& one : known) households::AddMember(tx_, household->second.id, one.id);
    households::AddMember(tx_, household->second.id, who.id);
  }
  known.push_back(who);
  return proposed;
}

Added CustomerDirectory::Add(const Person& person, const Consent& consent, const Origin& origin, const std::string& imported_from) {
  Added added{.id = customers::Insert(tx_, env_, person, consent, origin, imported_from, now_)};
  if (person.phone.empty()) return added;
  const std::string phone_index = persons::PhoneIndex(env_, person.phone);
  added.household_proposed = AssignHousehold(MemberOf(added.id, person), phone_index, imported_from);
  added.in_household = household_of_.contains(phone_index);
  return added;
}

bool CustomerDirectory::Update(const std::string& id, const Person& person, const Origin& origin) {
  if (!customers::Rewrite(tx_, env_, id, person, origin)) return false;
  if (!person.phone.empty()) AssignHousehold(MemberOf(id, person), persons::PhoneIndex(env_, person.phone), "");
  return true;
}

std::optional<std::string> CustomerDirectory::FindPerson(const Person& person) {
  std::vector<households::Member>& known = by_phone_[persons::PhoneIndex(env_, person.phone)];
  const households::Member who = MemberOf("", person);
  const auto same = households::SamePerson(known, who);
  if (!same) return std::nullopt;
  households::Member& found = known[*same];
  if (!person.phone_extension.empty() && customers::LearnExtension(tx_, env_, found.id, person.phone_extension)) {
    db::AppendHistory(tx_, {"customer", found.id, now_, by_, "", "", "extension of the phone learned"});
  }
  if (found.birth_index.empty() && !who.birth_index.empty()) {
    customers::LearnBirthday(tx_, env_, found.id, person);
    db::AppendHistory(tx_, {"customer", found.id, now_, by_, "", "", "birthday learned"});
    found.birth_index = who.birth_index;
  }
  return found.id;
}

}  // namespace renxin::leads::directory
