#pragma once
// Which signing keys are in force. Replicas of identity answer in turn, and one of them may not know a key yet, or not any
// more, that another signs with: what any of them said holds until no token that was signed with it can still be valid.

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shared/privacy/token.h"

namespace renxin::gateway {

class KnownKeys {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Adds what one answer holds: (kid, public key in base64url); answers how many of them were unreadable and are left out.
  // A key that no answer has held for a token's lifetime is dropped. An answer without a readable key changes nothing.
  std::size_t Learn(const std::vector<std::pair<std::string, std::string>>& answer, Time now);
  const privacy::KeyRing& ring() const { return ring_; }

 private:
  struct Key {
    std::string public_key;
    Time seen;
  };
  std::map<std::string, Key> keys_;
  privacy::KeyRing ring_;
};

}  // namespace renxin::gateway
