#pragma once
#include <string>
#include <utility>
#include <vector>

#include "shared/runtime/context.h"

namespace renxin::identity::sessions {

// The seeds that tokens are signed with, opened, the oldest first: (kid, 32 bytes).
std::vector<std::pair<std::string, std::string>> SigningSeeds(Tx& tx, const Environment& env);
void AddSigningSeed(Tx& tx, const Environment& env, const std::string& kid, const std::string& seed, Instant now);

}  // namespace renxin::identity::sessions
