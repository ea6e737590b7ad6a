#include "services/identity/accounts/store.h"

#include "shared/core/text.h"
#include "shared/db/rows.h"

namespace renxin::identity::accounts {
namespace {

struct StoredAccount : Account {
  std::string role_names;  // by comma
};
const db::Rows<StoredAccount> kAccounts("accounts", {{"id", &Account::id},
                                                     {"username", &Account::username},
                                                     {"staff_id", &Account::staff_id},
                                                     {"roles", &StoredAccount::role_names},
                                                     {"password_hash", &Account::password_hash},
                                                     {"disabled", &Account::disabled}});

std::vector<Account> SelectAccounts(Tx& tx, const std::string& where, const db::Binds& binds) {
  std::vector<Account> out;
  for (StoredAccount& stored : kAccounts.Select(tx, where, binds)) {
    stored.roles = SplitText(stored.role_names, ',');
    out.push_back(std::move(stored));
  }
  return out;
}

std::optional<Account> One(std::vector<Account> rows) {
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

}  // namespace

bool Insert(Tx& tx, const Account& a, std::string_view by, Instant now) {
  const std::int64_t rows = tx.Exec(
      "insert into accounts (id, username, staff_id, roles, password_hash, disabled, created_at) "
      "values (:id, :username, :staff, :roles, :hash, 0, :now) on conflict do nothing",
      {{"id", a.id},
       {"username", a.username},
       {"staff", db::TextOrNull(a.staff_id)},
       {"roles", Join(a.roles, ",")},
       {"hash", a.password_hash},
       {"now", now.micros}});
  if (rows == 1) db::AppendHistory(tx, {"account", a.id, now, std::string(by), "", Join(a.roles, ","), "created"});
  return rows == 1;
}

std::optional<Account> ByName(Tx& tx, const std::string& username, bool for_update) {
  return One(SelectAccounts(tx, "where username = :name" + std::string(for_update ? tx.ForUpdate() : ""), {{"name", username}}));
}

std::optional<Account> ById(Tx& tx, const std::string& id, bool for_update) {
  return One(SelectAccounts(tx, "where id = :id" + std::string(for_update ? tx.ForUpdate() : ""), {{"id", id}}));
}

contract::Paged<Account> List(Tx& tx, const std::string& staff_id, const contract::Page& page) {
  std::string where = "where id > :after";
  db::Binds binds{{"after", page.Text(0)}};
  if (!staff_id.empty()) {
    where += " and staff_id = :staff";
    binds.emplace_back("staff", staff_id);
  }
  auto rows = SelectAccounts(tx, where + " order by id limit " + std::to_string(page.fetch()), binds);
  return contract::Cut(kAccountList, page, std::move(rows), [](const Account& one) { return std::vector<std::string>{one.id}; });
}

void SetPassword(Tx& tx, const std::string& id, const std::string& hash, std::string_view by, Instant now) {
  tx.Exec("update accounts set password_hash = :hash where id = :id", {{"hash", hash}, {"id", id}});
  db::AppendHistory(tx, {"account", id, now, std::string(by), "", "", "password changed"});
}

void Disable(Tx& tx, const Environment& env, const std::string& id, std::string_view by, std::string_view why, Instant now) {
  tx.Exec("update accounts set disabled = 1 where id = :id", {{"id", id}});
  db::AppendSealedHistory(tx, env.sealer, {"account", id, now, std::string(by), "active", "disabled", std::string(why)});
}

}  // namespace renxin::identity::accounts
