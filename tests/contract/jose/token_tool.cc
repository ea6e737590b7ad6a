// shared/privacy/token.h on a command line, for test_jose.py:
//   token_tool sign SEED_HEX KID NOW ACCOUNT STAFF NAME ROLES,…   prints the public key (base64url) and the token
//   token_tool verify PUBLIC KID NOW TOKEN                        prints `ok` and the claims, or `refused` and why; a line each
#include <cstdlib>
#include <iostream>

#include "shared/core/text.h"
#include "shared/privacy/token.h"

namespace {

using namespace renxin;  // NOLINT: one program

int Sign(char** argv) {
  const privacy::SigningKey key = privacy::SigningKeyFromSeed(argv[3], FromHex(argv[2]).value());
  privacy::Claims claims;
  claims.issued_at = claims.not_before = std::atoll(argv[4]);
  claims.expires_at = claims.issued_at + 600;
  claims.account_id = argv[5];
  claims.staff_id = argv[6];
  claims.username = argv[7];
  claims.roles = SplitText(argv[8], ',');
  claims.token_id = "jti-1";
  std::cout << ToBase64Url({reinterpret_cast<const char*>(key.public_key.data()), key.public_key.size()}) << "\n"  // NOLINT
            << privacy::SignToken(claims, key) << "\n";
  return 0;
}

int Verify(char** argv) {
  privacy::KeyRing keys;
  if (!keys.AddEncoded(argv[3], argv[2])) return 2;
  const auto claims = privacy::VerifyToken(argv[5], keys, {std::atoll(argv[4]) * 1'000'000});
  if (!claims) {
    std::cout << "refused\n" << (claims.error().reason == Reason::kTokenExpired ? "token-expired" : "bad-token") << "\n";
    return 0;
  }
  std::cout << "ok\n"
            << claims->account_id << "\n"
            << claims->staff_id << "\n"
            << claims->username << "\n"
            << Join(claims->roles, ",") << "\n"
            << claims->token_id << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "sign" && argc == 9) return Sign(argv);
  if (what == "verify" && argc == 6) return Verify(argv);
  std::cerr << "usage: see token_tool.cc\n";
  return 2;
}
