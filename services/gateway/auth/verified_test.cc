#include "services/gateway/auth/verified.h"

#include <gtest/gtest.h>

#include <optional>

#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

constexpr std::int64_t kIssued = 1'800'000'000;

Instant At(std::int64_t later) { return Instant{(kIssued + later) * 1'000'000}; }

class VerifiedTokensTest : public ::testing::Test {
 protected:
  VerifiedTokensTest() { ring_.Add("k1", key_.public_key); }
  std::string Token(const std::string& account, const privacy::SigningKey& key) const {
    privacy::Claims claims;
    claims.account_id = account;
    claims.username = "wang";
    claims.roles = {"clerk"};
    claims.issued_at = claims.not_before = kIssued;
    claims.expires_at = kIssued + privacy::kTokenLifetimeSeconds;
    claims.token_id = "t";
    return privacy::SignToken(claims, key);
  }
  std::optional<Reason> ReasonOf(const std::string& token, Instant now) {
    const auto verified = tokens_.Verify(token, ring_, now);
    if (verified) return std::nullopt;
    return verified.error().reason;
  }

  privacy::SigningKey key_ = privacy::NewSigningKey("k1");
  privacy::KeyRing ring_;
  VerifiedTokens tokens_{3};
};

TEST_F(VerifiedTokensTest, a_token_that_comes_again_is_the_same_record) {
  const std::string token = Token("a1", key_);
  const auto first = tokens_.Verify(token, ring_, At(0));
  const auto again = tokens_.Verify(token, ring_, At(599));
  ASSERT_TRUE(first && again);
  EXPECT_EQ(*first, *again);
  EXPECT_EQ((*again)->claims.account_id, "a1");
  EXPECT_EQ(tokens_.size(), 1U);
}

TEST_F(VerifiedTokensTest, a_remembered_token_expires_and_is_not_valid_before_its_time) {
  const std::string token = Token("a1", key_);
  ASSERT_TRUE(tokens_.Verify(token, ring_, At(0)));
  EXPECT_TRUE(tokens_.Verify(token, ring_, At(privacy::kTokenLifetimeSeconds + privacy::kTokenLeewaySeconds - 1)));
  EXPECT_EQ(ReasonOf(token, At(privacy::kTokenLifetimeSeconds + privacy::kTokenLeewaySeconds)), Reason::kTokenExpired);
  EXPECT_EQ(ReasonOf(token, At(-privacy::kTokenLeewaySeconds - 1)), Reason::kBadToken);
}

TEST_F(VerifiedTokensTest, a_key_that_is_withdrawn_or_replaced_takes_its_tokens_with_it) {
  const std::string token = Token("a1", key_);
  ASSERT_TRUE(tokens_.Verify(token, ring_, At(0)));
  ring_ = {};
  EXPECT_EQ(ReasonOf(token, At(1)), Reason::kBadToken) << "withdrawn";
  ring_.Add("k1", privacy::NewSigningKey("k1").public_key);
  EXPECT_EQ(ReasonOf(token, At(1)), Reason::kBadToken) << "another key of the same name";
  ring_.Add("k1", key_.public_key);
  EXPECT_TRUE(tokens_.Verify(token, ring_, At(1)));
}

TEST_F(VerifiedTokensTest, what_is_refused_is_not_remembered_and_what_is_remembered_is_bounded) {
  EXPECT_EQ(ReasonOf(Token("a1", privacy::NewSigningKey("k1")), At(0)), Reason::kBadToken);
  EXPECT_EQ(ReasonOf("no token", At(0)), Reason::kBadToken);
  EXPECT_EQ(tokens_.size(), 0U);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(tokens_.Verify(Token("a" + std::to_string(i), key_), ring_, At(0)));
  EXPECT_EQ(tokens_.size(), 3U);
}

TEST_F(VerifiedTokensTest, one_changed_character_is_another_token) {
  std::string token = Token("a1", key_);
  ASSERT_TRUE(tokens_.Verify(token, ring_, At(0)));
  for (std::size_t i = 0; i < token.size(); i += 7) {
    std::string other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';  // always another one
    EXPECT_FALSE(tokens_.Verify(other, ring_, At(0))) << i;
  }
}

}  // namespace
}  // namespace renxin::gateway
