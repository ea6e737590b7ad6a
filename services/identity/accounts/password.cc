#include "services/identity/accounts/password.h"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace renxin::identity::accounts {
namespace {
constexpr std::size_t kMemoryBytes = 64U << 20;
constexpr unsigned long long kPasses = 2;
}  // namespace

std::string HashPassword(const std::string& password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str(out.data(), password.data(), password.size(), kPasses, kMemoryBytes) != 0)
    throw std::runtime_error("no memory to hash a password");
  return out.data();
}

bool CheckPassword(const std::string& hash, const std::string& password) {
  static const std::string nobody = HashPassword("nobody has this password");
  const bool right = crypto_pwhash_str_verify((hash.empty() ? nobody : hash).c_str(), password.data(), password.size()) == 0;
  return right && !hash.empty();
}

}  // namespace renxin::identity::accounts
