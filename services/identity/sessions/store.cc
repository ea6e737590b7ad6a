#include "services/identity/sessions/store.h"

#include "shared/core/text.h"

namespace renxin::identity::sessions {
namespace {

std::string SealContext(const std::string& kid) { return "signing_keys:" + kid; }

std::string HashOf(const Environment& env, const std::string& token) { return env.sealer.BlindIndex("refresh_token", token); }

void StoreToken(Tx& tx, const Environment& env, const std::string& session_id, const std::string& token, Instant now) {
  tx.Exec("insert into refresh_tokens (token_hash, session_id, issued_at) values (:hash, :session, :now)",
          {{"hash", HashOf(env, token)}, {"session", session_id}, {"now", now.micros}});
}

}  // namespace

std::vector<std::pair<std::string, std::string>> SigningSeeds(Tx& tx, const Environment& env) {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& [kid, seed] : tx.Select<std::string, std::string>("select kid, seed from signing_keys order by created_at, kid limit 20"))
    out.emplace_back(kid, env.sealer.OpenForService(SealContext(kid), seed));
  return out;
}

void AddSigningSeed(Tx& tx, const Environment& env, const std::string& kid, const std::string& seed, Instant now) {
  tx.Exec("insert into signing_keys (kid, seed, created_at) values (:kid, :seed, :now)",
          {{"kid", kid}, {"seed", env.sealer.SealForService(SealContext(kid), seed)}, {"now", now.micros}});
}

void Begin(Tx& tx, const Environment& env, const std::string& account_id, const std::string& token, Instant now) {
  const std::string id = NewId();
  tx.Exec("insert into sessions (id, account_id, started_at, used_at) values (:id, :account, :started, :used)",
          {{"id", id}, {"account", account_id}, {"started", now.micros}, {"used", now.micros}});
  StoreToken(tx, env, id, token, now);
}

std::optional<Presented> Find(Tx& tx, const Environment& env, const std::string& token) {
  const std::string hash = HashOf(env, token);
  const auto of = tx.First<std::string>("select session_id from refresh_tokens where token_hash = :hash", {{"hash", hash}});
  if (!of) return std::nullopt;
  Presented out{.session_id = std::get<0>(*of), .account_id = "", .family = {}};
  const auto session = tx.First<std::string, std::int64_t, std::int64_t, std::optional<std::int64_t>>(
      "select account_id, started_at, used_at, ended_at from sessions where id = :id" + std::string(tx.ForUpdate()),
      {{"id", out.session_id}});
  if (!session) return std::nullopt;
  const auto& [account, started_at, used_at, ended_at] = *session;
  out.account_id = account;
  out.family.started_at.micros = started_at;
  out.family.used_at.micros = used_at;
  if (ended_at) out.family.ended_at = Instant{*ended_at};
  // Read only now: whoever held the lock before us may have used it.
  const auto used = tx.First<std::optional<std::int64_t>>("select used_at from refresh_tokens where token_hash = :hash", {{"hash", hash}});
  if (!used) return std::nullopt;
  out.token_used = std::get<0>(*used).has_value();
  return out;
}

void Rotate(Tx& tx, const Environment& env, const std::string& session_id, const std::string& old, const std::string& next, Instant now) {
  tx.Exec("update refresh_tokens set used_at = :now where token_hash = :hash", {{"now", now.micros}, {"hash", HashOf(env, old)}});
  StoreToken(tx, env, session_id, next, now);
  tx.Exec("update sessions set used_at = :now where id = :id", {{"now", now.micros}, {"id", session_id}});
}

void End(Tx& tx, const std::string& session_id, std::string_view why, Instant now) {
  tx.Exec("update sessions set ended_at = :now, end_reason = :why where id = :id and ended_at is null",
          {{"now", now.micros}, {"why", why}, {"id", session_id}});
}

void EndAllOf(Tx& tx, const std::string& account_id, std::string_view why, Instant now) {
  tx.Exec("update sessions set ended_at = :now, end_reason = :why where account_id = :account and ended_at is null",
          {{"now", now.micros}, {"why", why}, {"account", account_id}});
}

}  // namespace renxin::identity::sessions
