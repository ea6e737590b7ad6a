#pragma once
#include "renxin/identity/v1/identity.pb.h"
#include "services/identity/accounts/store.h"
#include "shared/runtime/service_client.h"

namespace renxin::identity::accounts {

v1::Account ToProto(const Account& account);

// The slow part of a command, before its transaction: a hash, or whether the old password was right.
struct Hashed {
  std::string hash;
  bool old_was_right = true;
  std::string checked_hash;  // what the old password was checked against
};
Result<Hashed> HashForCreate(runtime::ServiceClient& client, const CallContext& ctx, const v1::CreateAccountRequest& req);
Result<v1::Account> CreateAccount(Tx& tx, const CallContext& ctx, const v1::CreateAccountRequest& req, const Hashed& hashed);
Result<v1::Account> GetAccount(Tx& tx, const CallContext& ctx, const v1::GetAccountRequest& req);
Result<v1::ListAccountsResponse> ListAccounts(Tx& tx, const CallContext& ctx, const v1::ListAccountsRequest& req);
Result<v1::Account> DisableAccount(Tx& tx, const CallContext& ctx, const v1::DisableAccountRequest& req);
Result<Hashed> HashForChange(runtime::ServiceClient& client, const CallContext& ctx, const v1::ChangePasswordRequest& req);
Result<common::v1::Empty> ChangePassword(Tx& tx, const CallContext& ctx, const v1::ChangePasswordRequest& req, const Hashed& hashed);

}  // namespace renxin::identity::accounts
