#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/identity/sessions/rules.h"
#include "shared/db/aged.h"
#include "shared/runtime/context.h"

namespace renxin::identity::sessions {

// The seeds that tokens are signed with, opened, the oldest first: (kid, 32 bytes).
std::vector<std::pair<std::string, std::string>> SigningSeeds(Tx& tx, const Environment& env);
void AddSigningSeed(Tx& tx, const Environment& env, const std::string& kid, const std::string& seed, Instant now);

// A refresh token as somebody shows it, with the sign-in it came of.
struct Presented {
  std::string session_id;
  std::string account_id;
  Family family;
  bool token_used = false;
};

// A new sign-in with its first refresh token.
void Begin(Tx& tx, const Environment& env, const std::string& account_id, const std::string& token, Instant now);
// Keeps the session's row locked: of two who show the same token at the same moment the second sees it used.
std::optional<Presented> Find(Tx& tx, const Environment& env, const std::string& token);
// Uses the old token up and keeps the next one.
void Rotate(Tx& tx, const Environment& env, const std::string& session_id, const std::string& old, const std::string& next, Instant now);
// The first end stands.
void End(Tx& tx, const std::string& session_id, std::string_view why, Instant now);
void EndAllOf(Tx& tx, const std::string& account_id, std::string_view why, Instant now);

// A day longer than anybody could refresh: so long a second use is still told from an unknown token.
inline constexpr db::Aged kUnused{.table = "sessions", .at = "used_at"};
inline constexpr std::chrono::hours kUnusedKept = kIdleLimit + std::chrono::hours(24);
// Used ones as well, as long as their session may live: a copy is known by them.
inline constexpr db::Aged kIssued{.table = "refresh_tokens", .at = "issued_at"};
inline constexpr std::chrono::hours kIssuedKept = kWholeLimit + std::chrono::hours(24);

}  // namespace renxin::identity::sessions
