#pragma once
// A retried command acts once: what its Idempotency-Key brought is remembered in the transaction that did it.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "shared/core/result.h"
#include "shared/core/time.h"
#include "shared/db/platform_tables.h"
#include "shared/db/tx.h"
#include "shared/privacy/seal.h"

namespace renxin::runtime {

struct OnceKey {
  std::string key_hash;  // empty: nothing is remembered, the command simply runs
  std::string request_hash;
  std::chrono::seconds keep = db::kAnswerKept;
};

struct Outcome {
  Result<std::string> answer;
  bool commit = false;  // what was written stands
};

// What an equal request was answered before; a refusal when the key was used for another request. Only reads where `tx` is
// read-only.
Result<std::optional<std::string>> RememberedAnswer(db::Tx& tx, const privacy::Sealer& sealer, const OnceKey& key, Instant now,
                                                    db::Look look = db::Look::kOnce);

// Answers what an equal request was answered before, or runs. Success is remembered, refusal is not. `tx` reads what others
// have committed meanwhile (PostgreSQL: read committed). Throws DbError{kRetry} when the equal request succeeded at another
// replica just now: the next attempt finds its answer.
Outcome RunOnce(db::Tx& tx, const privacy::Sealer& sealer, const OnceKey& key, Instant now,
                const std::function<Result<std::string>()>& run);

}  // namespace renxin::runtime
