#pragma once
// Dead-letter entries as OpsService answers them: open until they were replayed or discarded.

#include <optional>
#include <string>

#include "renxin/ops/v1/ops.pb.h"
#include "shared/runtime/context.h"

namespace renxin::runtime {

// Newest first.
Result<ops::v1::ListDeadLettersResponse> ListDeadLetters(Tx& tx, const Environment& env, const ops::v1::ListDeadLettersRequest& req);
std::optional<ops::v1::DeadLetter> GetDeadLetter(Tx& tx, const Environment& env, const std::string& id);
// What the reason of a discarded one is sealed for.
std::string DiscardSealContext(const std::string& id);

}  // namespace renxin::runtime
