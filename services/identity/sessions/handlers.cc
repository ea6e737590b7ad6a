#include "services/identity/sessions/handlers.h"

#include <memory>
#include <vector>

#include "services/identity/accounts/handlers.h"
#include "services/identity/accounts/password.h"
#include "services/identity/sessions/rules.h"
#include "services/identity/sessions/store.h"
#include "shared/core/text.h"
#include "shared/privacy/token.h"

namespace renxin::identity::sessions {
namespace {

constexpr std::int64_t kTokenSeconds = 600;

struct Keys {
  std::vector<privacy::SigningKey> all;  // oldest first; the newest signs
};

// Written once before anything is served.
Keys& TheKeys() {
  static Keys keys;
  return keys;
}

Error WrongCredentials() { return {Code::kUnauthenticated, Reason::kWrongCredentials, "user name or password is wrong"}; }

}  // namespace

void LoadKeys(Tx& tx, const TimerContext& ctx) {
  auto seeds = SigningSeeds(tx, ctx.env);
  if (seeds.empty()) {
    AddSigningSeed(tx, ctx.env, "k-" + NewId().substr(24), RandomBytes(32), ctx.now);
    seeds = SigningSeeds(tx, ctx.env);
  }
  TheKeys().all.clear();
  for (const auto& [kid, seed] : seeds) TheKeys().all.push_back(privacy::SigningKeyFromSeed(kid, seed));
}

Result<Checked> CheckSignIn(runtime::Asker& asker, const CallContext& ctx, const v1::SignInRequest& req) {
  std::optional<accounts::Account> account;
  asker.Read([&](Tx& tx) { account = accounts::ByName(tx, req.username(), false); });
  if (account && ctx.now < account->blocked_until) {
    return Error{Code::kTooManyRequests,
                 Reason::kTooManyAttempts,
                 "too many wrong passwords; try again later",
                 {},
                 (account->blocked_until.micros - ctx.now.micros) / 1'000};
  }
  const bool usable = account && !account->disabled;
  Checked checked{.account_id = account ? account->id : ""};
  checked.right = accounts::CheckPassword(usable ? account->password_hash : "", req.password());
  if (!account) return WrongCredentials();
  return checked;
}

Result<v1::Session> SignIn(Tx& tx, const CallContext& ctx, const v1::SignInRequest& /*req*/, const Checked& checked) {
  const auto account = accounts::ById(tx, checked.account_id, true);
  if (!account) return WrongCredentials();
  if (!checked.right || account->disabled) {
    const std::int64_t failures = account->failures + 1;
    accounts::SetFailures(tx, account->id, failures, ctx.now.Plus(Pause(failures)));
    return Error{Code::kUnauthenticated, Reason::kWrongCredentials, "user name or password is wrong", {}, 0, true};
  }
  if (account->failures > 0) accounts::SetFailures(tx, account->id, 0, {});
  const std::int64_t now = ctx.now.micros / 1'000'000;
  privacy::Claims claims;
  claims.account_id = account->id;
  claims.staff_id = account->staff_id;
  claims.username = account->username;
  claims.roles = account->roles;
  claims.issued_at = now;
  claims.not_before = now;
  claims.expires_at = now + kTokenSeconds;
  claims.token_id = NewId();
  v1::Session session;
  session.set_access_token(privacy::SignToken(claims, TheKeys().all.back()));
  session.set_token_type("Bearer");
  session.set_expires_in(kTokenSeconds);
  *session.mutable_account() = accounts::ToProto(*account);
  return session;
}

Result<v1::Account> GetSession(Tx& tx, const CallContext& ctx, const v1::GetSessionRequest& /*req*/) {
  const auto account = accounts::ById(tx, ctx.caller.account_id, false);
  if (!account) return NotFound("account");
  return accounts::ToProto(*account);
}

Result<v1::SigningKeys> GetSigningKeys(Tx& /*tx*/, const CallContext& /*ctx*/, const common::v1::Empty& /*req*/) {
  v1::SigningKeys out;
  for (const privacy::SigningKey& key : TheKeys().all) {
    auto* to = out.add_keys();
    to->set_kid(key.kid);
    to->set_public_key(ToBase64Url({reinterpret_cast<const char*>(key.public_key.data()), key.public_key.size()}));  // NOLINT
  }
  return out;
}

}  // namespace renxin::identity::sessions
