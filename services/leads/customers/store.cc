#include "services/leads/customers/store.h"

#include "renxin/leads/v1/leads_events.pb.h"
#include "services/leads/customers/birthdays_store.h"
#include "shared/core/text.h"

namespace renxin::leads::customers {
namespace {

using privacy::Sealer;

const db::InsertSpec kInsert{
    .table = "customers",
    .columns = {"id", "data_key", "name", "phone", "birthday", "birthday_calendar", "name_index", "phone_index", "marketing_consent",
                "consent_at", "consent_source", "origin_rank", "origin_key", "imported_from", "version", "created_at", "birthday_index"}};
const db::InsertSpec kPersons{.table = "persons", .columns = {"person_index", "customer_id"}, .suffix = "on conflict do nothing"};
const db::InsertSpec kHouseholds{
    .table = "households", .columns = {"id", "phone_index", "state", "imported_from", "created_at"}, .suffix = "on conflict do nothing"};
const db::InsertSpec kMembers{.table = "household_members", .columns = {"household_id", "customer_id"}, .suffix = "on conflict do nothing"};
const db::InsertSpec kCodes{.table = "codes", .columns = {"kind", "code"}, .suffix = "on conflict do nothing"};

std::string Place(std::string_view column, const std::string& id) { return "customers." + std::string(column) + ":" + id; }

db::Value SealOrNull(const privacy::DataKey& key, std::string_view column, const std::string& id, const std::string& text) {
  return text.empty() ? db::Value() : db::Value(Sealer::Seal(key, Place(column, id), text));
}

std::string OpenOrEmpty(const privacy::DataKey& key, std::string_view column, const std::string& id, const std::string& sealed) {
  return sealed.empty() ? std::string() : Sealer::Open(key, Place(column, id), sealed);
}

std::string PersonIndex(const Environment& env, const Person& person) {
  return env.sealer.BlindIndex("person", person.phone + "\n" + person.name);
}

}  // namespace

void Book::HoldPhone(const std::string& phone) {
  const db::Binds index{{"index", env_.sealer.BlindIndex("person-phone", phone)}};
  tx_.Exec("insert into persons (person_index, customer_id) values (:index, '-') on conflict do nothing", index);
  tx_.First<std::string>("select customer_id from persons where person_index = :index" + std::string(tx_.ForUpdate()), index);
}

void Book::LoadPhones(const std::vector<std::string>& phones) {
  std::vector<std::string> wanted;
  for (const std::string& phone : phones) {
    const std::string index = env_.sealer.BlindIndex("phone", phone);
    if (by_phone_.emplace(index, std::vector<Known>()).second) wanted.push_back(index);
  }
  for (auto& [id, phone_index, name_index] : tx_.SelectIn<std::string, std::string, std::string>(
           "select id, phone_index, name_index from customers where phone_index in (:keys)", wanted)) {
    by_phone_[phone_index].push_back({id, name_index});
  }
  for (auto& [id, phone_index] :
       tx_.SelectIn<std::string, std::string>("select id, phone_index from households where phone_index in (:keys)", wanted)) {
    household_of_[phone_index] = id;
  }
}

bool Book::Propose(const std::string& phone_index, const std::string& id, const std::string& name_index, const std::string& imported_from) {
  std::vector<Known>& known = by_phone_[phone_index];
  bool other_name = false;
  for (const Known& one : known) other_name = other_name || one.name_index != name_index;
  bool proposed = false;
  if (other_name) {
    auto household = household_of_.find(phone_index);
    if (household == household_of_.end()) {
      household = household_of_.emplace(phone_index, NewId()).first;
      tx_.Stage(kHouseholds, {household->second, phone_index, 1, db::TextOrNull(imported_from), now_.micros});
      proposed = true;
    }
    for (const Known& one : known) tx_.Stage(kMembers, {household->second, one.id});
    tx_.Stage(kMembers, {household->second, id});
  }
  known.push_back({id, name_index});
  return proposed;
}

Added Book::Add(const Person& person, const Consent& consent, const Origin& origin, const std::string& imported_from) {
  Added added{.id = NewId()};
  const privacy::DataKey key = env_.sealer.NewDataKey();
  const std::string name_index = env_.sealer.BlindIndex("name", person.name);
  const std::string phone_index = person.phone.empty() ? "" : env_.sealer.BlindIndex("phone", person.phone);
  tx_.Stage(kInsert, {added.id, env_.sealer.WrapKey(key, added.id), Sealer::Seal(key, Place("name", added.id), person.name),
                      SealOrNull(key, "phone", added.id, person.phone), SealOrNull(key, "birthday", added.id, person.birthday),
                      db::TextOrNull(person.birthday_calendar), name_index, db::TextOrNull(phone_index), std::int64_t{consent.marketing},
                      consent.at ? db::Value(consent.at->micros) : db::Value(), db::TextOrNull(consent.source), std::int64_t{origin.rank},
                      origin.key, db::TextOrNull(imported_from), std::int64_t{1}, now_.micros, BirthdayIndexOrNull(env_, person)});
  if (!phone_index.empty()) {
    added.household_proposed = Propose(phone_index, added.id, name_index, imported_from);
    tx_.Stage(kPersons, {PersonIndex(env_, person), added.id});
  }
  return added;
}

bool Book::Update(const std::string& id, const Person& person, const std::optional<Consent>& consent, const Origin& origin) {
  const auto row = tx_.First<std::string, std::int64_t, std::string>(
      "select data_key, origin_rank, origin_key from customers where id = :id", {{"id", id}});
  if (!row) return false;
  const auto& [wrapped, rank, origin_key] = *row;
  if (std::tie(rank, origin_key) < std::make_tuple(static_cast<std::int64_t>(origin.rank), origin.key)) return false;
  const privacy::DataKey key = env_.sealer.UnwrapKey(wrapped, id);
  const std::string phone_index = person.phone.empty() ? "" : env_.sealer.BlindIndex("phone", person.phone);
  tx_.Exec(
      "update customers set name = :name, phone = :phone, birthday = :birthday, birthday_calendar = :calendar, name_index = :name_index, "
      "phone_index = :phone_index, birthday_index = :birthday_index, origin_rank = :rank, origin_key = :origin, version = version + 1 "
      "where id = :id",
      {{"name", Sealer::Seal(key, Place("name", id), person.name)},
       {"phone", SealOrNull(key, "phone", id, person.phone)},
       {"birthday", SealOrNull(key, "birthday", id, person.birthday)},
       {"calendar", db::TextOrNull(person.birthday_calendar)},
       {"name_index", env_.sealer.BlindIndex("name", person.name)},
       {"phone_index", db::TextOrNull(phone_index)},
       {"birthday_index", BirthdayIndexOrNull(env_, person)},
       {"rank", origin.rank},
       {"origin", origin.key},
       {"id", id}});
  if (consent) {
    tx_.Exec("update customers set marketing_consent = :yes, consent_at = :at, consent_source = :source where id = :id",
             {{"yes", consent->marketing ? 1 : 0},
              {"at", consent->at ? db::Value(consent->at->micros) : db::Value()},
              {"source", db::TextOrNull(consent->source)},
              {"id", id}});
  }
  return true;
}

std::optional<std::string> Book::FindPerson(const Person& person) {
  const auto row =
      tx_.First<std::string>("select customer_id from persons where person_index = :index", {{"index", PersonIndex(env_, person)}});
  if (!row) return std::nullopt;
  return std::get<0>(*row);
}

std::optional<Customer> Get(Tx& tx, const Environment& env, const std::string& id) {
  const auto row = tx.First<std::string, std::string, std::string, std::string, std::string, std::int64_t, std::string, std::int64_t>(
      "select data_key, name, phone, birthday, birthday_calendar, marketing_consent, imported_from, version from customers where id = :id",
      {{"id", id}});
  if (!row) return std::nullopt;
  const auto& [wrapped, name, phone, birthday, calendar, consent, imported_from, version] = *row;
  const privacy::DataKey key = env.sealer.UnwrapKey(wrapped, id);
  Customer customer{.id = id, .imported_from = imported_from, .version = version};
  customer.person = {OpenOrEmpty(key, "name", id, name), OpenOrEmpty(key, "phone", id, phone), OpenOrEmpty(key, "birthday", id, birthday),
                     calendar};
  customer.consent.marketing = consent != 0;
  return customer;
}

std::vector<std::pair<std::string, std::string>> OutsideNumbers(Tx& tx, const std::string& id) {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& [source, no] : tx.Select<std::string, std::string>(
           "select source, record_no from import_keys where kind = 'customers' and target_id = :id order by source, record_no limit 50",
           {{"id", id}})) {
    out.emplace_back(source, no);
  }
  return out;
}

std::int64_t Count(Tx& tx, const std::string& imported_from) {
  return std::get<0>(*tx.First<std::int64_t>("select cast(count(*) as bigint) from customers where (:any = 1 or imported_from = :source)",
                                             {{"any", imported_from.empty() ? 1 : 0}, {"source", imported_from}}));
}

// A household counts for a source when at least two of its members came from it.
std::int64_t CountHouseholds(Tx& tx, const std::string& imported_from) {
  return std::get<0>(*tx.First<std::int64_t>(
      "select cast(count(*) as bigint) from (select m.household_id from household_members m join customers c on c.id = m.customer_id "
      "where (:any = 1 or c.imported_from = :source) group by m.household_id having count(*) >= 2) as households",
      {{"any", imported_from.empty() ? 1 : 0}, {"source", imported_from}}));
}

namespace {

HouseholdRow WithMembers(Tx& tx, std::string id, std::int64_t state) {
  HouseholdRow row{.id = std::move(id), .state = static_cast<int>(state), .members = {}};
  for (auto& [member] : tx.Select<std::string>(
           "select customer_id from household_members where household_id = :id order by customer_id limit 50", {{"id", row.id}})) {
    row.members.push_back(member);
  }
  return row;
}

}  // namespace

std::vector<HouseholdRow> Households(Tx& tx, const std::string& after, int limit) {
  std::vector<HouseholdRow> out;
  for (auto& [id, state] : tx.Select<std::string, std::int64_t>(
           "select id, state from households where id > :after order by id limit " + std::to_string(limit), {{"after", after}})) {
    out.push_back(WithMembers(tx, id, state));
  }
  return out;
}

std::optional<HouseholdRow> GetHousehold(Tx& tx, const std::string& id) {
  const auto row = tx.First<std::int64_t>("select state from households where id = :id" + std::string(tx.ForUpdate()), {{"id", id}});
  if (!row) return std::nullopt;
  return WithMembers(tx, id, std::get<0>(*row));
}

void SetHouseholdState(Tx& tx, const std::string& id, int state) {
  tx.Exec("update households set state = :state where id = :id", {{"state", state}, {"id", id}});
}

void PublishRegistered(Tx& tx, const std::string& id, const std::string& source, const std::string& no, std::int64_t version, Instant now) {
  v1::CustomerRegistered event;
  event.set_customer_id(id);
  event.set_source(source);
  event.set_customer_no(no);
  event.set_version(version);
  db::Publish(tx, {id, version, now, now}, event);
}

std::set<std::string> TakeCodes(Tx& tx, const std::string& kind, const std::set<std::string>& codes) {
  std::set<std::string> fresh = codes;
  fresh.erase("");
  const std::vector<std::string> wanted(fresh.begin(), fresh.end());
  for (auto& [code] : tx.SelectIn<std::string>("select code from codes where kind = :kind and code in (:keys)", wanted, {{"kind", kind}}))
    fresh.erase(code);
  for (const std::string& code : fresh) tx.Stage(kCodes, {kind, code});
  return fresh;
}

}  // namespace renxin::leads::customers
