#include "shared/privacy/token.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include "shared/core/text.h"
#include "shared/privacy/token_json.h"

namespace renxin::privacy {
namespace {

constexpr std::int64_t kNow = 1'780'000'000;
constexpr Instant At(std::int64_t seconds) { return {seconds * 1'000'000}; }

Claims Someone() {
  Claims claims;
  claims.account_id = "acc-1";
  claims.staff_id = "st-1";
  claims.username = "王\"五\\";
  claims.roles = {"admin", "desk"};
  claims.issued_at = claims.not_before = kNow - 10;
  claims.expires_at = kNow + 590;
  claims.token_id = "t-1";
  return claims;
}

const SigningKey& Key() {
  static const SigningKey key = SigningKeyFromSeed("k1", std::string(32, 's'));
  return key;
}

KeyRing Ring() {
  KeyRing ring;
  ring.Add("k0", NewSigningKey("k0").public_key);
  ring.Add("k1", Key().public_key);
  return ring;
}

// A token with any header and payload, correctly signed by our key.
std::string Forge(std::string_view header, std::string_view payload) {
  std::string token = ToBase64Url(header) + "." + ToBase64Url(payload);
  unsigned char signature[crypto_sign_BYTES];
  crypto_sign_detached(signature, nullptr, reinterpret_cast<const unsigned char*>(token.data()), token.size(), Key().secret_key.data());
  return token + "." + ToBase64Url({reinterpret_cast<const char*>(signature), sizeof signature});
}

constexpr const char* kHeader = R"({"alg":"EdDSA","kid":"k1","typ":"JWT"})";
constexpr const char* kPayload =
    R"({"iss":"renxin-identity","aud":"renxin","sub":"a","staff":"","name":"n","roles":[],"iat":1,"nbf":1,"exp":9999999999,"jti":"j"})";

std::string Swap(std::string text, std::string_view from, std::string_view to) { return text.replace(text.find(from), from.size(), to); }

TEST(Token, ThereAndBack) {
  const auto claims = VerifyToken(SignToken(Someone(), Key()), Ring(), At(kNow));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->account_id, "acc-1");
  EXPECT_EQ(claims->staff_id, "st-1");
  EXPECT_EQ(claims->username, Someone().username);
  EXPECT_EQ(claims->roles, Someone().roles);
  EXPECT_EQ(claims->token_id, "t-1");
  EXPECT_EQ(TokenKeyId(SignToken(Someone(), Key())), "k1");
}

TEST(Token, TimeHasALeewayOfThirtySeconds) {
  const std::string token = SignToken(Someone(), Key());
  EXPECT_TRUE(VerifyToken(token, Ring(), At(kNow + 590 + 29)));
  const auto late = VerifyToken(token, Ring(), At(kNow + 590 + 30));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, Reason::kTokenExpired);
  const auto tomorrow = VerifyToken(token, Ring(), At(kNow + 86'400));
  ASSERT_FALSE(tomorrow);
  EXPECT_EQ(tomorrow.error().reason, Reason::kTokenExpired);
  EXPECT_TRUE(VerifyToken(token, Ring(), At(kNow - 40)));
  const auto early = VerifyToken(token, Ring(), At(kNow - 41));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, Reason::kBadToken);
}

TEST(Token, WhatIsNotOursIsRefused) {
  ASSERT_TRUE(VerifyToken(Forge(kHeader, kPayload), Ring(), At(kNow))) << "the forge itself works";
  const std::string good = SignToken(Someone(), Key());
  SigningKey other = NewSigningKey("k1");
  SigningKey unknown = NewSigningKey("k9");
  // Two bits of the last character of a 64-byte signature are unused: strict base64url has them zero.
  std::string trailing_bits = good;
  trailing_bits.back() = trailing_bits.back() == 'A' ? 'B' : static_cast<char>(trailing_bits.back() + 1);
  std::string altered = good;
  altered[altered.find('.') + 5] ^= 1;
  const struct {
    const char* name;
    std::string token;
  } cases[] = {
      {"empty", ""},
      {"two parts", "a.b"},
      {"four parts", good + ".x"},
      {"alg none", Forge(Swap(kHeader, "EdDSA", "none"), kPayload)},
      {"alg none, no signature", ToBase64Url(R"({"alg":"none","typ":"JWT"})") + "." + ToBase64Url(kPayload) + "."},
      {"HS256", Forge(Swap(kHeader, "EdDSA", "HS256"), kPayload)},
      {"alg in another case", Forge(Swap(kHeader, "EdDSA", "eddsa"), kPayload)},
      {"another key under our kid", SignToken(Someone(), other)},
      {"unknown kid", SignToken(Someone(), unknown)},
      {"kid of our other key", Forge(Swap(kHeader, "k1", "k0"), kPayload)},
      {"padded base64", good + "=="},
      {"trailing bits", trailing_bits},
      {"altered payload", altered},
      {"extra header member", Forge(R"({"alg":"EdDSA","kid":"k1","typ":"JWT","jku":"x"})", kPayload)},
      {"duplicate header member", Forge(R"({"alg":"none","alg":"EdDSA","kid":"k1","typ":"JWT"})", kPayload)},
      {"no typ", Forge(R"({"alg":"EdDSA","kid":"k1"})", kPayload)},
      {"header is a list", Forge(R"(["EdDSA"])", kPayload)},
      {"oversize", Forge(kHeader, Swap(kPayload, "\"n\"", '"' + std::string(4000, 'n') + '"'))},
      {"wrong audience", Forge(kHeader, Swap(kPayload, "\"renxin\"", "\"other\""))},
      {"wrong issuer", Forge(kHeader, Swap(kPayload, "renxin-identity", "somebody"))},
      {"no subject", Forge(kHeader, Swap(kPayload, "\"sub\":\"a\"", "\"sub\":\"\""))},
      {"exp as text", Forge(kHeader, Swap(kPayload, "9999999999", "\"9999999999\""))},
      {"exp missing", Forge(kHeader, Swap(kPayload, "\"exp\":9999999999,", ""))},
      {"duplicate exp", Forge(kHeader, Swap(kPayload, "\"exp\":9999999999", "\"exp\":1,\"exp\":9999999999"))},
      {"exp 1e400", Forge(kHeader, Swap(kPayload, "9999999999", "1e400"))},
      {"trailing comma", Forge(kHeader, Swap(kPayload, "\"j\"}", "\"j\",}"))},
      {"NUL in the name", Forge(kHeader, Swap(kPayload, "\"n\"", "\"\\u0000\""))},
      {"bad UTF-8", Forge(kHeader, Swap(kPayload, "\"n\"", "\"\xff\""))},
  };
  for (const auto& c : cases) {
    const auto claims = VerifyToken(c.token, Ring(), At(kNow));
    ASSERT_FALSE(claims) << c.name;
    EXPECT_EQ(claims.error().reason, Reason::kBadToken) << c.name;
    EXPECT_EQ(claims.error().code, Code::kUnauthenticated) << c.name;
  }
  EXPECT_FALSE(VerifyToken(good, KeyRing(), At(kNow))) << "no keys";
}

TEST(Token, SignRefusesWhatVerifyWouldRefuse) {
  Claims claims = Someone();
  claims.username = std::string(4000, 'x');
  EXPECT_THROW(SignToken(claims, Key()), std::invalid_argument);
  claims.username = "\xff";
  EXPECT_THROW(SignToken(claims, Key()), std::invalid_argument);
  EXPECT_THROW(SignToken(Someone(), NewSigningKey("a b")), std::invalid_argument);
  EXPECT_THROW(SigningKeyFromSeed("k", "short"), std::invalid_argument);
}

TEST(Token, KeysComeEncoded) {
  KeyRing ring;
  const std::string encoded = ToBase64Url({reinterpret_cast<const char*>(Key().public_key.data()), 32});
  EXPECT_TRUE(ring.AddEncoded("k1", encoded));
  EXPECT_FALSE(ring.AddEncoded("k2", encoded + "="));
  EXPECT_FALSE(ring.AddEncoded("k3", "AAAA"));
  EXPECT_EQ(ring.size(), 1U);
  EXPECT_TRUE(VerifyToken(SignToken(Someone(), Key()), ring, At(kNow)));
}

}  // namespace
}  // namespace renxin::privacy
