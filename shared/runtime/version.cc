#include "shared/runtime/version.h"

namespace renxin::runtime {

Status CheckVersion(const CallContext& ctx, std::int64_t current) {
  if (!ctx.expected_version || *ctx.expected_version == current) return Ok{};
  return Error{Code::kPreconditionFailed, Reason::kVersionMismatch, "the record is at version " + std::to_string(current)};
}

}  // namespace renxin::runtime
