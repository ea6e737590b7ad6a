#include "services/identity/accounts/handlers.h"

#include <algorithm>

#include "services/identity/accounts/password.h"
#include "services/identity/attempts/store.h"
#include "services/identity/sessions/store.h"
#include "services/identity/staff/store.h"
#include "shared/core/text.h"

namespace renxin::identity::accounts {

v1::Account ToProto(const Account& account) {
  v1::Account out;
  out.set_id(account.id);
  out.set_username(account.username);
  out.set_staff_id(account.staff_id);
  for (const std::string& role : account.roles) out.add_roles(role);
  out.set_disabled(account.disabled);
  return out;
}

Result<Hashed> HashForCreate(runtime::ServiceClient& /*client*/, const CallContext& /*ctx*/, const v1::CreateAccountRequest& req) {
  return Hashed{.hash = HashPassword(req.password())};
}

Result<v1::Account> CreateAccount(Tx& tx, const CallContext& ctx, const v1::CreateAccountRequest& req, const Hashed& hashed) {
  Account account{.id = NewId(), .username = req.username(), .staff_id = req.staff_id(), .roles = {}, .password_hash = hashed.hash};
  for (int i = 0; i < req.roles_size(); ++i) {
    const auto& known = staff::Roles();
    if (std::find(known.begin(), known.end(), req.roles(i)) == known.end())
      return InvalidField("roles[" + std::to_string(i) + "]", "P1", "unknown role");
    account.roles.push_back(req.roles(i));
  }
  if (!account.staff_id.empty() && !staff::Get(tx, ctx.env, account.staff_id))
    return InvalidField("staff_id", "P1", "no such member of staff");
  if (Insert(tx, account, ctx.caller.username, ctx.now)) return ToProto(account);
  Error error{Code::kConflict, Reason::kAlreadyExists, "this user name is taken"};
  error.fields.push_back({"username", "unique", error.message});
  return error;
}

Result<v1::Account> GetAccount(Tx& tx, const CallContext& /*ctx*/, const v1::GetAccountRequest& req) {
  const auto account = ById(tx, req.id(), false);
  if (!account) return NotFound("account");
  return ToProto(*account);
}

Result<v1::ListAccountsResponse> ListAccounts(Tx& tx, const CallContext& /*ctx*/, const v1::ListAccountsRequest& req) {
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kAccountList, req));
  const contract::Paged<Account> page = List(tx, req.staff_id(), asked);
  v1::ListAccountsResponse out;
  for (const Account& account : page.rows) *out.add_accounts() = ToProto(account);
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::Account> DisableAccount(Tx& tx, const CallContext& ctx, const v1::DisableAccountRequest& req) {
  auto account = ById(tx, req.id(), true);
  if (!account) return NotFound("account");
  if (account->id == ctx.caller.account_id) return RuleBroken("id", "P1", "nobody locks themselves out");
  Disable(tx, ctx.env, req.id(), ctx.caller.username, req.reason(), ctx.now);
  sessions::EndAllOf(tx, req.id(), "account disabled", ctx.now);
  account->disabled = true;
  return ToProto(*account);
}

Result<Hashed> HashForChange(runtime::ServiceClient& client, const CallContext& ctx, const v1::ChangePasswordRequest& req) {
  std::string old_hash;
  Status may = Ok{};
  client.Read([&](Tx& tx) {
    const auto account = ById(tx, ctx.caller.account_id, false);
    if (!account) return;
    may = attempts::Check(tx, ctx.env, account->username, ctx.now);
    old_hash = account->password_hash;
  });
  // Whoever found a machine unlocked guesses no faster than at the door.
  if (!may) return may.error();
  Hashed hashed{.hash = "", .old_was_right = CheckPassword(old_hash, req.old_password()), .checked_hash = old_hash};
  if (hashed.old_was_right) hashed.hash = HashPassword(req.new_password());
  return hashed;
}

Result<common::v1::Empty> ChangePassword(Tx& tx, const CallContext& ctx, const v1::ChangePasswordRequest& /*req*/, const Hashed& hashed) {
  const auto account = ById(tx, ctx.caller.account_id, true);
  // Changed while the old one was being checked: then it was another's password that was checked. Of two changes one wins.
  const Error wrong = InvalidField("old_password", "equal", "is not the password of this account");
  if (account && !hashed.old_was_right) {
    attempts::RecordFailure(tx, ctx.env, account->username, ctx.now);
    Error recorded = wrong;
    recorded.keep_writes = true;
    return recorded;
  }
  if (!account || account->password_hash != hashed.checked_hash) return wrong;
  attempts::Forget(tx, ctx.env, account->username);
  SetPassword(tx, ctx.caller.account_id, hashed.hash, ctx.caller.username, ctx.now);
  sessions::EndAllOf(tx, ctx.caller.account_id, "password changed", ctx.now);
  return common::v1::Empty{};
}

}  // namespace renxin::identity::accounts
