#pragma once
// Tokens whose signature has been checked, remembered by their hash until they expire: a client sends the same one with every request,
// and to check Ed25519 costs more than all else the gateway does for it. What can change meanwhile is looked at every time: the hour, and
// whether the key that signed it is still in force.

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "shared/core/result.h"
#include "shared/privacy/token.h"

namespace renxin::gateway {

struct Verified {
  privacy::Claims claims;
  std::string principal;  // the claims as services read them: base64 of a serialized renxin.common.v1.Principal
};

class VerifiedTokens {
 public:
  // `most`: how many are remembered; beyond it the one that came first is forgotten.
  explicit VerifiedTokens(std::size_t most = 4'096) : most_(most) {}

  // As privacy::VerifyToken answers.
  Result<std::shared_ptr<const Verified>> Verify(std::string_view token, const privacy::KeyRing& keys, Instant now);
  std::size_t size() const { return known_.size(); }

 private:
  using Hash = std::array<unsigned char, 32>;
  struct Hasher {
    std::size_t operator()(const Hash& hash) const;
  };
  struct Known {
    std::shared_ptr<const Verified> verified;
    std::string kid;
    privacy::PublicKey key;
  };

  void Remember(const Hash& hash, Known known);

  std::size_t most_;
  std::unordered_map<Hash, Known, Hasher> known_;
  std::deque<Hash> order_;  // of arrival; holds exactly the keys of `known_`
};

}  // namespace renxin::gateway
