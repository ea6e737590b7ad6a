#pragma once
// The request context of a handler, and what reactions and timers get in its place.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/result.h"
#include "shared/core/time.h"
#include "shared/db/platform_tables.h"
#include "shared/db/tx.h"
#include "shared/privacy/seal.h"

namespace renxin {

using db::Tx;

// The source of what is entered here and not imported: its numbers are the hospital's own. No file comes under it.
inline constexpr const char* kOwnSource = "renxin";

struct Caller {
  std::string account_id;
  std::string staff_id;
  std::string username;
  std::vector<std::string> roles;

  bool Has(std::string_view role) const { return std::find(roles.begin(), roles.end(), role) != roles.end(); }
};

namespace runtime {
class GroupScope;
}

// Whose rows a caller may see (P1): everybody's, or those of the staff named (the caller) and of their group, however large. Every
// store function that lists or gets rows of people takes it.
struct Scope {
  bool all = false;
  std::vector<std::string> staff_ids;
  std::shared_ptr<const runtime::GroupScope> group{};  // null: no group

  bool Sees(std::string_view staff_id) const;
};

// What belongs to the service as a whole and outlives every request.
struct Environment {
  const privacy::Sealer& sealer;
  const Zone& zone;
};

struct CallContext {
  Instant now;  // read once per attempt
  Caller caller;
  Scope scope;
  const Environment& env;
  // `If-Match`: the version the caller has seen; runtime::CheckVersion compares.
  std::optional<std::int64_t> expected_version{};
};

struct EventContext {
  Instant now;
  std::string event_id;
  std::string aggregate_id;
  std::int64_t aggregate_version = 0;
  Instant occurred_at;
  Instant recorded_at;
  const Environment& env;
};

struct TimerContext {
  Instant now;
  std::string key;
  const Environment& env;
};

}  // namespace renxin
