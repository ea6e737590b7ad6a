#pragma once
#include "renxin/identity/v1/identity.pb.h"
#include "shared/runtime/service_client.h"

namespace renxin::identity::sessions {

// The token keys of this process, opened once at the start; makes the first one.
void LoadKeys(Tx& tx, const TimerContext& ctx);

struct Checked {
  std::string account_id;  // empty: unknown user
  bool right = false;
  std::string password_hash;  // the one it was compared with
};
Result<Checked> CheckSignIn(runtime::ServiceClient& client, const CallContext& ctx, const v1::SignInRequest& req);
Result<v1::Session> SignIn(Tx& tx, const CallContext& ctx, const v1::SignInRequest& req, const Checked& checked);
Result<v1::Session> RefreshSession(Tx& tx, const CallContext& ctx, const v1::RefreshSessionRequest& req);
Result<common::v1::Empty> EndSession(Tx& tx, const CallContext& ctx, const v1::EndSessionRequest& req);
Result<v1::Account> GetSession(Tx& tx, const CallContext& ctx, const v1::GetSessionRequest& req);
Result<v1::SigningKeys> GetSigningKeys(Tx& tx, const CallContext& ctx, const common::v1::Empty& req);

}  // namespace renxin::identity::sessions
