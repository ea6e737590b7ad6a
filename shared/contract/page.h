#pragma once
// Page tokens: where a list is asked on from. Opaque to callers, who give back what they were given; whatever else comes is
// refused as the field `page_token` (kInvalidField). Lists that go by an id alone hand the id out and need nothing of this.

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/core/result.h"

namespace renxin::contract {

Error InvalidPageToken();

struct Cursor {
  std::int64_t number = 0;
  std::string key;  // not empty

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// `token` is not empty.
Result<Cursor> DecodeCursor(std::string_view token);
std::string EncodeCursor(const Cursor& cursor);

// 0 to 10^18 - 1; an empty token is 0: from the start.
Result<std::int64_t> ParseOffset(std::string_view token);

}  // namespace renxin::contract
