#include "services/gateway/auth/verified.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "renxin/common/v1/common.pb.h"
#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

std::string PrincipalOf(const privacy::Claims& claims) {
  common::v1::Principal principal;
  principal.set_account_id(claims.account_id);
  principal.set_staff_id(claims.staff_id);
  principal.set_username(claims.username);
  for (const std::string& role : claims.roles) principal.add_roles(role);
  return ToBase64(principal.SerializeAsString());
}

}  // namespace

std::size_t VerifiedTokens::Hasher::operator()(const Hash& hash) const {
  std::size_t out = 0;
  std::memcpy(&out, hash.data(), sizeof(out));
  return out;
}

Result<std::shared_ptr<const Verified>> VerifiedTokens::Verify(std::string_view token, const privacy::KeyRing& keys, Instant now) {
  // A cryptographic hash: nobody can make a token that is taken for another's.
  Hash hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()), token.size());  // NOLINT
  if (const auto found = known_.find(hash); found != known_.end()) {
    const privacy::PublicKey* key = keys.Find(found->second.kid);
    if (key != nullptr && *key == found->second.key) {
      RETURN_IF_ERROR(privacy::CheckTimes(found->second.verified->claims, now));
      return found->second.verified;
    }
  }
  ASSIGN_OR_RETURN(privacy::Claims claims, privacy::VerifyToken(token, keys, now));
  const std::string kid = privacy::TokenKeyId(token);
  std::string principal = PrincipalOf(claims);
  auto verified = std::make_shared<const Verified>(Verified{std::move(claims), std::move(principal)});
  Remember(hash, {verified, kid, *keys.Find(kid)});
  return verified;
}

void VerifiedTokens::Remember(const Hash& hash, Known known) {
  const bool added = known_.insert_or_assign(hash, std::move(known)).second;
  if (!added) return;
  order_.push_back(hash);
  if (order_.size() <= most_) return;
  known_.erase(order_.front());
  order_.pop_front();
}

}  // namespace renxin::gateway
