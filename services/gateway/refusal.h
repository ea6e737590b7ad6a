#pragma once
// An Error in one call. Not only shorter: g++ 12 copies aggregates that are written inside a co_await
// expression bit by bit, which breaks their strings; what a function returns is safe.

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/core/result.h"

namespace renxin::gateway {

inline Error Refusal(Code code, Reason reason, std::string_view message, std::int64_t retry_after_ms = 0) {
  Error error;
  error.code = code;
  error.reason = reason;
  error.message = std::string(message);
  error.retry_after_ms = retry_after_ms;
  return error;
}

}  // namespace renxin::gateway
