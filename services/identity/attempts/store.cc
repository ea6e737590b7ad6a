#include "services/identity/attempts/store.h"

#include "services/identity/sessions/rules.h"

namespace renxin::identity::attempts {
namespace {

// What people type for a user name may be anything, a password too.
std::string HashOf(const Environment& env, const std::string& username) { return env.sealer.RequestHash("attempts\n" + username); }

}  // namespace

Status Check(Tx& tx, const Environment& env, const std::string& username, Instant now) {
  const auto row = tx.First<std::int64_t>("select blocked_until from attempts where name_hash = :name", {{"name", HashOf(env, username)}});
  if (!row || std::get<0>(*row) <= now.micros) return Ok{};
  return Error{Code::kTooManyRequests,
               Reason::kTooManyAttempts,
               "too many wrong passwords; try again later",
               {},
               (std::get<0>(*row) - now.micros + 999) / 1'000};
}

void RecordFailure(Tx& tx, const Environment& env, const std::string& username, Instant now) {
  const std::string name = HashOf(env, username);
  const auto row = tx.ExecReturning<std::int64_t>(
      "insert into attempts (name_hash, failures, blocked_until, failed_at) values (:name, 1, 0, :now) on conflict (name_hash) do update "
      "set failures = attempts.failures + 1, failed_at = excluded.failed_at returning failures",
      {{"name", name}, {"now", now.micros}});
  tx.Exec("update attempts set blocked_until = :until where name_hash = :name",
          {{"until", now.Plus(sessions::Pause(std::get<0>(row.front()))).micros}, {"name", name}});
}

void Forget(Tx& tx, const Environment& env, const std::string& username) {
  tx.Exec("delete from attempts where name_hash = :name", {{"name", HashOf(env, username)}});
}

}  // namespace renxin::identity::attempts
