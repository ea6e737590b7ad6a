#include "services/leads/customers/store.h"

#include "renxin/leads/v1/leads_events.pb.h"
#include "services/leads/customers/birthdays_store.h"
#include "shared/core/normal.h"
#include "shared/core/text.h"

namespace renxin::leads::customers {
namespace {

using privacy::Sealer;

const db::InsertSpec kInsert{.table = "customers",
                             .columns = {"id",
                                         "data_key",
                                         "name",
                                         "phone",
                                         "birthday",
                                         "birthday_calendar",
                                         "name_index",
                                         "phone_index",
                                         "birth_index",
                                         "marketing_consent",
                                         "consent_at",
                                         "consent_source",
                                         "origin_rank",
                                         "origin_key",
                                         "imported_from",
                                         "version",
                                         "created_at",
                                         "birthday_index",
                                         "phone_extension",
                                         "birthday_unconfirmed"}};
const db::InsertSpec kCodes{.table = "codes", .columns = {"kind", "code"}, .suffix = "on conflict do nothing"};

std::string SealContext(std::string_view column, const std::string& id) { return "customers." + std::string(column) + ":" + id; }

db::Value SealOrNull(const privacy::DataKey& key, std::string_view column, const std::string& id, const std::string& text) {
  return text.empty() ? db::Value() : db::Value(Sealer::Seal(key, SealContext(column, id), text));
}

std::string OpenOrEmpty(const privacy::DataKey& key, std::string_view column, const std::string& id, const std::string& sealed) {
  return sealed.empty() ? std::string() : Sealer::Open(key, SealContext(column, id), sealed);
}

// L11: a likely placeholder is not greeted until a person confirms it.
int IsUnconfirmed(const Person& person) { return IsLikelyPlaceholder({person.birthday, person.birthday_calendar}) ? 1 : 0; }

}  // namespace

std::string PhoneIndex(const Environment& env, const std::string& phone) { return env.sealer.BlindIndex("phone", phone); }

Indexes IndexesOf(const Environment& env, const Person& person) {
  Indexes out{.name = env.sealer.BlindIndex("name", NormalForm(person.name)), .phone = "", .birth = ""};
  if (!person.phone.empty()) out.phone = PhoneIndex(env, person.phone);
  if (!person.birthday.empty()) out.birth = env.sealer.BlindIndex("birth", person.birthday_calendar + ":" + person.birthday);
  return out;
}

std::string Insert(Tx& tx, const Environment& env, const Person& person, const Consent& consent, const Origin& origin,
                   const std::string& imported_from, Instant now) {
  std::string id = NewId();
  const privacy::DataKey key = env.sealer.NewDataKey();
  const Indexes indexes = IndexesOf(env, person);
  tx.Stage(kInsert, {id,
                     env.sealer.WrapKey(key, id),
                     Sealer::Seal(key, SealContext("name", id), person.name),
                     SealOrNull(key, "phone", id, person.phone),
                     SealOrNull(key, "birthday", id, person.birthday),
                     db::TextOrNull(person.birthday_calendar),
                     indexes.name,
                     db::TextOrNull(indexes.phone),
                     db::TextOrNull(indexes.birth),
                     std::int64_t{consent.marketing},
                     consent.at ? db::Value(consent.at->micros) : db::Value(),
                     db::TextOrNull(consent.source),
                     std::int64_t{origin.rank},
                     origin.key,
                     db::TextOrNull(imported_from),
                     std::int64_t{1},
                     now.micros,
                     BirthdayIndexOrNull(env, person),
                     SealOrNull(key, "phone_extension", id, person.phone_extension),
                     std::int64_t{IsUnconfirmed(person)}});
  return id;
}

bool Rewrite(Tx& tx, const Environment& env, const std::string& id, const Person& person, const Origin& origin) {
  const auto row = tx.First<std::string, std::int64_t, std::string>(
      "select data_key, origin_rank, origin_key from customers where id = :id" + std::string(tx.ForUpdate()), {{"id", id}});
  if (!row) return false;
  const auto& [wrapped, rank, origin_key] = *row;
  if (std::tie(rank, origin_key) < std::make_tuple(static_cast<std::int64_t>(origin.rank), origin.key)) return false;
  const privacy::DataKey key = env.sealer.UnwrapKey(wrapped, id);
  const Indexes indexes = IndexesOf(env, person);
  tx.Exec(
      "update customers set name = :name, phone = :phone, phone_extension = :extension, birthday = :birthday, birthday_calendar = "
      ":calendar, name_index = :name_index, "
      "phone_index = :phone_index, birthday_unconfirmed = case when coalesce(birth_index, '') = :same_birth then birthday_unconfirmed "
      "else :unconfirmed end, birth_index = :birth_index, birthday_index = :birthday_index, origin_rank = :rank, origin_key = "
      ":origin, "
      "version = version + 1 where id = :id",
      {{"name", Sealer::Seal(key, SealContext("name", id), person.name)},
       {"phone", SealOrNull(key, "phone", id, person.phone)},
       {"extension", SealOrNull(key, "phone_extension", id, person.phone_extension)},
       {"birthday", SealOrNull(key, "birthday", id, person.birthday)},
       {"calendar", db::TextOrNull(person.birthday_calendar)},
       {"name_index", indexes.name},
       {"phone_index", db::TextOrNull(indexes.phone)},
       {"same_birth", indexes.birth},
       {"unconfirmed", IsUnconfirmed(person)},
       {"birth_index", db::TextOrNull(indexes.birth)},
       {"birthday_index", BirthdayIndexOrNull(env, person)},
       {"rank", origin.rank},
       {"origin", origin.key},
       {"id", id}});
  return true;
}

bool LearnExtension(Tx& tx, const Environment& env, const std::string& id, const std::string& extension) {
  const std::string hold = "select data_key, phone_extension from customers where id = :id" + std::string(tx.ForUpdate());
  const auto row = tx.First<std::string, std::string>(hold, {{"id", id}});
  if (!row) return false;
  const auto& [wrapped, sealed] = *row;
  const privacy::DataKey key = env.sealer.UnwrapKey(wrapped, id);
  if (OpenOrEmpty(key, "phone_extension", id, sealed) == extension) return false;
  tx.Exec("update customers set phone_extension = :extension, version = version + 1 where id = :id",
          {{"extension", SealOrNull(key, "phone_extension", id, extension)}, {"id", id}});
  return true;
}

void LearnBirthday(Tx& tx, const Environment& env, const std::string& id, const Person& person) {
  const auto row = tx.First<std::string>("select data_key from customers where id = :id" + std::string(tx.ForUpdate()), {{"id", id}});
  if (!row) return;
  const privacy::DataKey key = env.sealer.UnwrapKey(std::get<0>(*row), id);
  // Somebody else may have said it since the person was looked for.
  tx.CompareAndSet(
      "update customers set birthday = :birthday, birthday_calendar = :calendar, birth_index = :index, birthday_index = :day_index, "
      "birthday_unconfirmed = :unconfirmed, version = version + 1 where id = :id and birth_index is null",
      {{"birthday", SealOrNull(key, "birthday", id, person.birthday)},
       {"calendar", person.birthday_calendar},
       {"index", IndexesOf(env, person).birth},
       {"unconfirmed", IsUnconfirmed(person)},
       {"day_index", BirthdayIndexOrNull(env, person)},
       {"id", id}});
}

std::vector<std::pair<std::string, households::Member>> OfPhones(Tx& tx, const std::vector<std::string>& phone_indexes) {
  std::vector<std::pair<std::string, households::Member>> out;
  for (auto& [id, phone_index, name_index, birth_index] : tx.SelectIn<std::string, std::string, std::string, std::string>(
           "select id, phone_index, name_index, birth_index from customers where phone_index in (:keys) order by created_at, id",
           phone_indexes)) {
    out.emplace_back(phone_index, households::Member{id, name_index, birth_index});
  }
  return out;
}

bool Exists(Tx& tx, const std::string& id) {
  return tx.First<std::string>("select id from customers where id = :id", {{"id", id}}).has_value();
}

std::optional<Customer> Get(Tx& tx, const Environment& env, const std::string& id) {
  const auto row = tx.First<std::string, std::string, std::string, std::string, std::string, std::int64_t, std::string, std::int64_t,
                            std::string, std::int64_t>(
      "select data_key, name, phone, birthday, birthday_calendar, marketing_consent, imported_from, version, phone_extension, "
      "birthday_unconfirmed "
      "from customers where id = :id",
      {{"id", id}});
  if (!row) return std::nullopt;
  const auto& [wrapped, name, phone, birthday, calendar, consent, imported_from, version, extension, unconfirmed] = *row;
  const privacy::DataKey key = env.sealer.UnwrapKey(wrapped, id);
  Customer customer{.id = id, .imported_from = imported_from, .version = version};
  customer.person = {OpenOrEmpty(key, "name", id, name), OpenOrEmpty(key, "phone", id, phone), OpenOrEmpty(key, "birthday", id, birthday),
                     calendar, OpenOrEmpty(key, "phone_extension", id, extension)};
  customer.consent.marketing = consent != 0;
  customer.birthday_unconfirmed = unconfirmed != 0;
  return customer;
}

bool ConfirmBirthday(Tx& tx, const std::string& id) {
  return tx.Exec("update customers set birthday_unconfirmed = 0, version = version + 1 where id = :id and birthday_unconfirmed = 1",
                 {{"id", id}}) > 0;
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

void PublishRegistered(Tx& tx, const std::string& id, const std::string& source, const std::string& no, std::int64_t version, Instant now) {
  v1::CustomerRegistered event;
  event.set_customer_id(id);
  event.set_source(source);
  event.set_customer_no(no);
  event.set_version(version);
  db::Publish(tx, {id, version, now, now}, event);
}

std::set<std::string> StoreNewCodes(Tx& tx, const std::string& kind, const std::set<std::string>& codes) {
  std::set<std::string> fresh = codes;
  fresh.erase("");
  const std::vector<std::string> wanted(fresh.begin(), fresh.end());
  for (auto& [code] : tx.SelectIn<std::string>("select code from codes where kind = :kind and code in (:keys)", wanted, {{"kind", kind}}))
    fresh.erase(code);
  for (const std::string& code : fresh) tx.Stage(kCodes, {kind, code});
  return fresh;
}

}  // namespace renxin::leads::customers
