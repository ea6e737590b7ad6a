#include "services/leads/customers/store.h"

#include "renxin/leads/v1/leads_events.pb.h"
#include "shared/core/text.h"
#include "shared/db/lookup.h"
#include "shared/db/rows.h"

namespace renxin::leads::customers {
namespace {

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
struct Stored : Customer {
  persons::Sealed sealed;
};
const db::Rows<Stored> kCustomers("customers", {{"id", &Customer::id},
                                                {"data_key", &Stored::sealed, &persons::Sealed::data_key},
                                                {"name", &Stored::sealed, &persons::Sealed::name},
                                                {"phone", &Stored::sealed, &persons::Sealed::phone},
                                                {"phone_extension", &Stored::sealed, &persons::Sealed::phone_extension},
                                                {"birthday", &Stored::sealed, &persons::Sealed::birthday},
                                                {"birthday_calendar", &Stored::sealed, &persons::Sealed::birthday_calendar},
                                                {"marketing_consent", &Customer::consent, &Consent::marketing},
                                                {"imported_from", &Customer::imported_from},
                                                {"version", &Customer::version},
                                                {"birthday_unconfirmed", &Customer::birthday_unconfirmed}});

// Of one phone the one that came first is first.
const db::Lookup<std::string, std::string, std::string, std::string> kOfPhones(
    {.sql = "select id, phone_index, name_index, birth_index from customers where phone_index in (:keys) order by created_at, id",
     .table = "customers",
     .key = "phone_index",
     .key_at = 1});

}  // namespace

std::string Insert(Tx& tx, const Environment& env, const Person& person, const Consent& consent, const Origin& origin,
                   const std::string& imported_from, Instant now) {
  std::string id = NewId();
  const privacy::SealedRecord record = persons::NewRecord(env, id);
  const persons::Indexes indexes = persons::IndexesOf(env, person);
  tx.Stage(kInsert, {id,
                     record.wrapped_key(),
                     record.Seal("name", person.name),
                     db::TextOrNull(record.Seal("phone", person.phone)),
                     db::TextOrNull(record.Seal("birthday", person.birthday)),
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
                     db::TextOrNull(indexes.birthday),
                     db::TextOrNull(record.Seal("phone_extension", person.phone_extension)),
                     std::int64_t{persons::IsUnconfirmed(person)}});
  return id;
}

bool Rewrite(Tx& tx, const Environment& env, const std::string& id, const Person& person, const Origin& origin) {
  const auto row = tx.First<std::string, std::int64_t, std::string>(
      "select data_key, origin_rank, origin_key from customers where id = :id" + std::string(tx.ForUpdate()), {{"id", id}});
  if (!row) return false;
  const auto& [data_key, rank, origin_key] = *row;
  if (std::tie(rank, origin_key) < std::make_tuple(static_cast<std::int64_t>(origin.rank), origin.key)) return false;
  const privacy::SealedRecord record = persons::LoadRecord(env, id, data_key);
  const persons::Indexes indexes = persons::IndexesOf(env, person);
  tx.Exec(
      "update customers set name = :name, phone = :phone, phone_extension = :extension, birthday = :birthday, birthday_calendar = "
      ":calendar, name_index = :name_index, "
      "phone_index = :phone_index, birthday_unconfirmed = case when coalesce(birth_index, '') = :same_birth then birthday_unconfirmed "
      "else :unconfirmed end, birth_index = :birth_index, birthday_index = :birthday_index, origin_rank = :rank, origin_key = "
      ":origin, "
      "version = version + 1 where id = :id",
      {{"name", record.Seal("name", person.name)},
       {"phone", db::TextOrNull(record.Seal("phone", person.phone))},
       {"extension", db::TextOrNull(record.Seal("phone_extension", person.phone_extension))},
       {"birthday", db::TextOrNull(record.Seal("birthday", person.birthday))},
       {"calendar", db::TextOrNull(person.birthday_calendar)},
       {"name_index", indexes.name},
       {"phone_index", db::TextOrNull(indexes.phone)},
       {"same_birth", indexes.birth},
       {"unconfirmed", persons::IsUnconfirmed(person) ? 1 : 0},
       {"birth_index", db::TextOrNull(indexes.birth)},
       {"birthday_index", db::TextOrNull(indexes.birthday)},
       {"rank", origin.rank},
       {"origin", origin.key},
       {"id", id}});
  return true;
}

bool LearnExtension(Tx& tx, const Environment& env, const std::string& id, const std::string& extension) {
  const std::string hold = "select data_key, phone_extension from customers where id = :id" + std::string(tx.ForUpdate());
  const auto row = tx.First<std::string, std::string>(hold, {{"id", id}});
  if (!row) return false;
  const auto& [data_key, sealed] = *row;
  const privacy::SealedRecord record = persons::LoadRecord(env, id, data_key);
  if (record.Open("phone_extension", sealed) == extension) return false;
  tx.Exec("update customers set phone_extension = :extension, version = version + 1 where id = :id",
          {{"extension", db::TextOrNull(record.Seal("phone_extension", extension))}, {"id", id}});
  return true;
}

void LearnBirthday(Tx& tx, const Environment& env, const std::string& id, const Person& person) {
  const auto row = tx.First<std::string>("select data_key from customers where id = :id" + std::string(tx.ForUpdate()), {{"id", id}});
  if (!row) return;
  const persons::Indexes indexes = persons::IndexesOf(env, person);
  // Somebody else may have said it since the person was looked for.
  tx.CompareAndSet(
      "update customers set birthday = :birthday, birthday_calendar = :calendar, birth_index = :index, birthday_index = :day_index, "
      "birthday_unconfirmed = :unconfirmed, version = version + 1 where id = :id and birth_index is null",
      {{"birthday", db::TextOrNull(persons::LoadRecord(env, id, std::get<0>(*row)).Seal("birthday", person.birthday))},
       {"calendar", person.birthday_calendar},
       {"index", indexes.birth},
       {"unconfirmed", persons::IsUnconfirmed(person) ? 1 : 0},
       {"day_index", db::TextOrNull(indexes.birthday)},
       {"id", id}});
}

void WantOfPhones(Tx& tx, const std::vector<std::string>& phone_indexes) { kOfPhones.Want(tx, phone_indexes); }

std::vector<std::pair<std::string, households::Member>> OfPhones(Tx& tx, const std::vector<std::string>& phone_indexes) {
  std::vector<std::pair<std::string, households::Member>> out;
  for (auto& [id, phone_index, name_index, birth_index] : kOfPhones.Get(tx, phone_indexes)) {
    out.emplace_back(phone_index, households::Member{id, name_index, birth_index});
  }
  return out;
}

bool Exists(Tx& tx, const std::string& id) {
  return tx.First<std::string>("select id from customers where id = :id", {{"id", id}}).has_value();
}

std::optional<Customer> Get(Tx& tx, const Environment& env, const std::string& id) {
  auto stored = kCustomers.First(tx, "where id = :id", {{"id", id}});
  if (!stored) return std::nullopt;
  stored->sealed.id = id;
  Customer customer = std::move(*stored);
  customer.person = persons::Open(env, stored->sealed);
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

void PublishRegistered(Tx& tx, const std::string& id, const std::string& source, const std::string& no, std::int64_t version, Instant now) {
  v1::CustomerRegistered event;
  event.set_customer_id(id);
  event.set_source(source);
  event.set_customer_no(no);
  event.set_version(version);
  db::Publish(tx, {id, version, now, now}, event);
}

}  // namespace renxin::leads::customers
