#include "services/gateway/auth/keys.h"

namespace renxin::gateway {
namespace {
// With what a clock may be off.
constexpr std::chrono::seconds kKept{privacy::kTokenLifetimeSeconds + 2 * privacy::kTokenLeewaySeconds};
}  // namespace

std::size_t KnownKeys::Learn(const std::vector<std::pair<std::string, std::string>>& answer, Time now) {
  std::size_t unreadable = 0;
  for (const auto& [kid, public_key] : answer) {
    if (privacy::KeyRing probe; probe.AddEncoded(kid, public_key)) {
      keys_[kid] = {public_key, now};
    } else {
      ++unreadable;
    }
  }
  if (unreadable == answer.size()) return unreadable;
  std::erase_if(keys_, [&](const auto& one) { return now - one.second.seen > kKept; });
  ring_ = {};
  for (const auto& [kid, key] : keys_) ring_.AddEncoded(kid, key.public_key);
  return unreadable;
}

}  // namespace renxin::gateway
