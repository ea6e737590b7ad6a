#include "shared/runtime/once.h"

#include <optional>
#include <utility>

namespace renxin::runtime {
namespace {

// `<code>\n<bytes>`: what is remembered of a success.
constexpr std::string_view kSuccess = "0\n";

}  // namespace

Result<std::optional<std::string>> RememberedAnswer(db::Tx& tx, const privacy::Sealer& sealer, const OnceKey& key, Instant now,
                                                    db::Look look) {
  ASSIGN_OR_RETURN(std::optional<std::string> stored, db::StoredAnswer(tx, sealer, key.key_hash, key.request_hash, now, look));
  if (stored) stored->erase(0, kSuccess.size());
  return stored;
}

Outcome RunOnce(db::Tx& tx, const privacy::Sealer& sealer, const OnceKey& key, Instant now,
                const std::function<Result<std::string>()>& run) {
  const bool remembers = !key.key_hash.empty();
  if (remembers) {
    auto stored = RememberedAnswer(tx, sealer, key, now);
    if (!stored) return {std::move(stored).error(), false};
    if (*stored) return {std::move(**stored), true};
  }
  Result<std::string> answer = run();
  if (!remembers) {
    const bool commit = answer || answer.error().keep_writes;
    return {std::move(answer), commit};
  }
  if (answer) {
    db::StoreAnswer(tx, sealer, key.key_hash, key.request_hash, std::string(kSuccess) + *answer, now, key.keep);
    return {std::move(answer), true};
  }
  // The equal request may have been done at another replica while this one waited for its rows; then what refuses here is what
  // that one did ("it is closed already", "the token was used"), and its answer is the one that counts.
  auto meanwhile = RememberedAnswer(tx, sealer, key, now, db::Look::kAgain);
  if (meanwhile && *meanwhile) return {std::move(**meanwhile), false};
  const bool commit = answer.error().keep_writes;
  return {std::move(answer), commit};
}

}  // namespace renxin::runtime
