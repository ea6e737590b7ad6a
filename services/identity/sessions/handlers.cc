#include "services/identity/sessions/handlers.h"

#include <memory>
#include <vector>

#include "services/identity/accounts/handlers.h"
#include "services/identity/accounts/password.h"
#include "services/identity/attempts/store.h"
#include "services/identity/sessions/rules.h"
#include "services/identity/sessions/store.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"
#include "shared/privacy/token.h"

namespace renxin::identity::sessions {
namespace {

struct Keys {
  std::vector<privacy::SigningKey> all;  // oldest first; the newest signs
};

// Written once before anything is served.
Keys& TheKeys() {
  static Keys keys;
  return keys;
}

Error WrongCredentials() { return {Code::kUnauthenticated, Reason::kWrongCredentials, "user name or password is wrong"}; }
Error UnknownToken() { return {Code::kUnauthenticated, Reason::kBadToken, "the refresh token is none of ours"}; }
Error HasEnded() { return {Code::kUnauthenticated, Reason::kTokenExpired, "the session has ended; sign in again"}; }

std::string NewRefreshToken() { return ToBase64Url(RandomBytes(32)); }

// What a sign-in and a refresh answer with.
v1::Session Answer(const accounts::Account& account, const std::string& refresh_token, Instant started_at, Instant at) {
  const std::int64_t now = at.micros / 1'000'000;
  privacy::Claims claims;
  claims.account_id = account.id;
  claims.staff_id = account.staff_id;
  claims.username = account.username;
  claims.roles = account.roles;
  claims.issued_at = now;
  claims.not_before = now;
  claims.expires_at = now + privacy::kTokenLifetimeSeconds;
  claims.token_id = NewId();
  v1::Session session;
  session.set_access_token(privacy::SignToken(claims, TheKeys().all.back()));
  session.set_token_type("Bearer");
  session.set_expires_in(privacy::kTokenLifetimeSeconds);
  *session.mutable_account() = accounts::ToProto(account);
  session.set_refresh_token(refresh_token);
  session.set_refresh_expires_in((RefreshableUntil(started_at, at).micros - at.micros) / 1'000'000);
  return session;
}

// Two have the same token and nobody can tell which of them is the thief: the session ends for both.
Error RefuseReuse(Tx& tx, const CallContext& ctx, const Presented& shown) {
  observe::Count("renxin_refresh_tokens_reused_total");
  observe::Log(observe::Level::kWarn, "a refresh token was used again",
               {{"account_id", shown.account_id}, {"session_id", shown.session_id}});
  if (!shown.family.ended_at) {
    End(tx, shown.session_id, "reused", ctx.now);
    db::AppendHistory(tx,
                      {"account", shown.account_id, ctx.now, "identity", "signed in", "session ended", "a refresh token was used twice"});
  }
  return {Code::kUnauthenticated, Reason::kTokenReused, "the refresh token was used before; the session has ended", {}, 0, true};
}

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

Result<Checked> CheckSignIn(runtime::ServiceClient& client, const CallContext& ctx, const v1::SignInRequest& req) {
  std::optional<accounts::Account> account;
  Status may = Ok{};
  client.Read([&](Tx& tx) {
    may = attempts::Check(tx, ctx.env, req.username(), ctx.now);
    account = accounts::ByName(tx, req.username(), false);
  });
  if (!may) return may.error();
  const bool usable = account && !account->disabled;
  Checked checked{.account_id = account ? account->id : "", .right = false, .password_hash = usable ? account->password_hash : ""};
  checked.right = accounts::CheckPassword(checked.password_hash, req.password());
  return checked;
}

Result<v1::Session> SignIn(Tx& tx, const CallContext& ctx, const v1::SignInRequest& req, const Checked& checked) {
  const auto account = accounts::ById(tx, checked.account_id, true);
  // Changed while the old password was being checked: it opens nothing any more.
  if (account && checked.right && account->password_hash != checked.password_hash) return WrongCredentials();
  if (!account || !checked.right || account->disabled) {
    attempts::RecordFailure(tx, ctx.env, req.username(), ctx.now);
    Error wrong = WrongCredentials();
    wrong.keep_writes = true;
    return wrong;
  }
  attempts::Forget(tx, ctx.env, req.username());
  const std::string token = NewRefreshToken();
  Begin(tx, ctx.env, account->id, token, ctx.now);
  return Answer(*account, token, ctx.now, ctx.now);
}

Result<v1::Session> RefreshSession(Tx& tx, const CallContext& ctx, const v1::RefreshSessionRequest& req) {
  const auto shown = Find(tx, ctx.env, req.refresh_token());
  if (!shown) return UnknownToken();
  const Verdict verdict = JudgeRefresh(shown->family, shown->token_used, ctx.now);
  if (verdict == Verdict::kReused) return RefuseReuse(tx, ctx, *shown);
  const auto account = accounts::ById(tx, shown->account_id, false);
  if (verdict == Verdict::kEnded || !account || account->disabled) return HasEnded();
  const std::string token = NewRefreshToken();
  Rotate(tx, ctx.env, shown->session_id, req.refresh_token(), token, ctx.now);
  return Answer(*account, token, shown->family.started_at, ctx.now);
}

// Whoever has any token of a sign-in may end it, as often as they like.
Result<common::v1::Empty> EndSession(Tx& tx, const CallContext& ctx, const v1::EndSessionRequest& req) {
  const auto shown = Find(tx, ctx.env, req.refresh_token());
  if (!shown) return UnknownToken();
  End(tx, shown->session_id, "signed out", ctx.now);
  return common::v1::Empty{};
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
