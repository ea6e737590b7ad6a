#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/identity/sessions/rules.h"
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
// Forgets sessions, and their tokens, that nobody has used since `before`.
void Forget(Tx& tx, Instant before);

}  // namespace renxin::identity::sessions
