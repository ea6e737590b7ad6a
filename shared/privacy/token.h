#pragma once
// Access tokens: JWTs with Ed25519 and nothing else. A verifier of our own because the libraries of our
// platform can be talked into another algorithm (anchors/pitfalls F11, 8.2): here a key fixes the
// algorithm, the header's members are exactly alg, kid and typ, and base64url is strict.

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/result.h"
#include "shared/core/time.h"

namespace renxin::privacy {

inline constexpr std::size_t kTokenMaxBytes = 4096;
inline constexpr std::int64_t kTokenLeewaySeconds = 30;
// How long an access token is valid.
inline constexpr std::int64_t kTokenLifetimeSeconds = 600;
// What the suite issues and accepts.
inline constexpr std::string_view kTokenIssuer = "renxin-identity";
inline constexpr std::string_view kTokenAudience = "renxin";

using PublicKey = std::array<unsigned char, 32>;
using SecretKey = std::array<unsigned char, 64>;

struct SigningKey {
  std::string kid;  // 1 to 64 of [A-Za-z0-9_-]
  PublicKey public_key{};
  SecretKey secret_key{};
};

struct Claims {
  std::string issuer{kTokenIssuer};      // iss
  std::string audience{kTokenAudience};  // aud
  std::string account_id;                // sub
  std::string staff_id;                  // staff; empty for an account that is nobody's
  std::string username;                  // name
  std::vector<std::string> roles;        // roles
  // Seconds since 1970.
  std::int64_t issued_at = 0;   // iat
  std::int64_t not_before = 0;  // nbf
  std::int64_t expires_at = 0;  // exp
  std::string token_id;         // jti
};

// A fresh key pair from the kernel's randomness. Throws std::runtime_error when libsodium cannot start.
SigningKey NewSigningKey(std::string kid);
// The pair of a 32-byte seed: what a service stores sealed. Throws std::invalid_argument for another size.
SigningKey SigningKeyFromSeed(std::string kid, std::string_view seed);

// Throws std::invalid_argument when the result would not be accepted (kid, size, text that is no UTF-8).
std::string SignToken(const Claims& claims, const SigningKey& key);

// The public keys in force, by kid. Several at once, so that keys can be rotated.
class KeyRing {
 public:
  void Add(std::string kid, const PublicKey& key) { keys_[std::move(kid)] = key; }
  // False when `base64url` is not 32 bytes.
  bool AddEncoded(std::string kid, std::string_view base64url);
  const PublicKey* Find(std::string_view kid) const;
  bool empty() const { return keys_.empty(); }
  std::size_t size() const { return keys_.size(); }

 private:
  std::map<std::string, PublicKey, std::less<>> keys_;
};

// Who is meant and who signed it; kUnauthenticated with kBadToken, or kTokenExpired when all is right but
// the time. The message never repeats what the token says.
Result<Claims> VerifyToken(std::string_view token, const KeyRing& keys, Instant now);

// What VerifyToken says of the claims' times alone: kBadToken before, kTokenExpired after, each with kTokenLeewaySeconds.
Status CheckTimes(const Claims& claims, Instant now);

// The kid of a token's header when the token has the right shape; empty otherwise. Trusts nothing: it only
// says which key would be asked for.
std::string TokenKeyId(std::string_view token);

}  // namespace renxin::privacy
