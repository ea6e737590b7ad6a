#include "services/leads/households/store.h"

#include "shared/core/text.h"
#include "shared/db/lookup.h"

namespace renxin::leads::households {
namespace {

const db::InsertSpec kHouseholds{
    .table = "households", .columns = {"id", "phone_index", "state", "imported_from", "created_at"}, .suffix = "on conflict do nothing"};
const db::InsertSpec kMembers{.table = "household_members", .columns = {"household_id", "customer_id"}, .suffix = "on conflict do nothing"};

const db::Lookup<std::string, std::string, std::int64_t> kOfPhones(
    {.sql = "select id, phone_index, state from households where phone_index in (:keys)",
     .table = "households",
     .key = "phone_index",
     .key_at = 1,
     .for_update = true});

Household WithMembers(Tx& tx, std::string id, std::int64_t state) {
  Household household{.id = std::move(id), .state = static_cast<State>(state), .members = {}};
  for (auto& [member] : tx.Select<std::string>(
           "select customer_id from household_members where household_id = :id order by customer_id limit 50", {{"id", household.id}})) {
    household.members.push_back(member);
  }
  return household;
}

}  // namespace

void WantOfPhones(Tx& tx, const std::vector<std::string>& phone_indexes) { kOfPhones.Want(tx, phone_indexes); }

std::map<std::string, Household> OfPhones(Tx& tx, const std::vector<std::string>& phone_indexes) {
  std::map<std::string, Household> out;
  for (auto& [id, phone_index, state] : kOfPhones.Get(tx, phone_indexes)) {
    out[phone_index] = {.id = id, .state = static_cast<State>(state), .members = {}};
  }
  return out;
}

std::string Propose(Tx& tx, const std::string& phone_index, const std::string& imported_from, std::string_view by, Instant now) {
  std::string id = NewId();
  tx.Stage(kHouseholds, {id, phone_index, std::int64_t{static_cast<int>(State::kProposed)}, db::TextOrNull(imported_from), now.micros});
  db::AppendHistory(tx, {"household", id, now, std::string(by), "", "proposed", "another name or birthday on the same phone (L3)"});
  return id;
}

void AddMember(Tx& tx, const std::string& household_id, const std::string& customer_id) { tx.Stage(kMembers, {household_id, customer_id}); }

std::int64_t Count(Tx& tx, const std::string& imported_from) {
  return std::get<0>(*tx.First<std::int64_t>(
      "select cast(count(*) as bigint) from (select m.household_id from household_members m join customers c on c.id = m.customer_id "
      "where (:any = 1 or c.imported_from = :source) group by m.household_id "
      "having count(distinct c.name_index) >= 2 or count(distinct c.birth_index) >= 2) as households",
      {{"any", imported_from.empty() ? 1 : 0}, {"source", imported_from}}));
}

contract::Paged<Household> List(Tx& tx, State state, const contract::Page& page) {
  std::string where = "where id > :after";
  db::Binds binds{{"after", page.Text(0)}};
  if (state != State::kUnspecified) {
    where += " and state = :state";
    binds.emplace_back("state", static_cast<int>(state));
  }
  std::vector<Household> out;
  for (auto& [id, stored] : tx.Select<std::string, std::int64_t>(
           "select id, state from households " + where + " order by id limit " + std::to_string(page.fetch()), binds)) {
    out.push_back(WithMembers(tx, id, stored));
  }
  return contract::Cut(kHouseholdList, page, std::move(out), [](const Household& one) { return std::vector<std::string>{one.id}; });
}

std::optional<Household> Get(Tx& tx, const std::string& id) {
  const auto row = tx.First<std::int64_t>("select state from households where id = :id", {{"id", id}});
  if (!row) return std::nullopt;
  return WithMembers(tx, id, std::get<0>(*row));
}

std::optional<Household> GetForUpdate(Tx& tx, const std::string& id) {
  tx.First<std::int64_t>("select state from households where id = :id" + std::string(tx.ForUpdate()), {{"id", id}});
  return Get(tx, id);
}

void SetState(Tx& tx, const std::string& id, State state) {
  tx.Exec("update households set state = :state where id = :id", {{"state", static_cast<int>(state)}, {"id", id}});
}

}  // namespace renxin::leads::households
