#include "services/gateway/auth/keys.h"

#include <gtest/gtest.h>

#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

using std::chrono::seconds;

std::pair<std::string, std::string> Key(const std::string& kid) {
  const privacy::SigningKey key = privacy::NewSigningKey(kid);
  return {kid, ToBase64Url({reinterpret_cast<const char*>(key.public_key.data()), key.public_key.size()})};  // NOLINT
}

TEST(KnownKeys, two_replicas_that_know_different_keys_are_both_believed) {
  KnownKeys keys;
  const KnownKeys::Time start{};
  const auto a = Key("a");
  const auto b = Key("b");
  EXPECT_EQ(keys.Learn({a}, start), 0U);
  keys.Learn({b}, start + seconds(30));
  EXPECT_NE(keys.ring().Find("a"), nullptr);
  EXPECT_NE(keys.ring().Find("b"), nullptr);
}

TEST(KnownKeys, a_key_is_dropped_when_no_token_of_it_can_be_valid_any_more) {
  KnownKeys keys;
  const KnownKeys::Time start{};
  const auto a = Key("a");
  const auto b = Key("b");
  keys.Learn({a, b}, start);
  keys.Learn({b}, start + seconds(privacy::kTokenLifetimeSeconds));
  EXPECT_NE(keys.ring().Find("a"), nullptr) << "a token of its last second is still valid";
  keys.Learn({b}, start + seconds(privacy::kTokenLifetimeSeconds + 61));
  EXPECT_EQ(keys.ring().Find("a"), nullptr);
  EXPECT_NE(keys.ring().Find("b"), nullptr);
}

TEST(KnownKeys, what_cannot_be_read_is_left_out_and_an_answer_without_any_key_changes_nothing) {
  KnownKeys keys;
  const auto a = Key("a");
  EXPECT_EQ(keys.Learn({a, {"broken", "not a key"}}, {}), 1U);
  EXPECT_EQ(keys.ring().size(), 1U);
  EXPECT_EQ(keys.Learn({{"broken", "not a key"}}, KnownKeys::Time{} + std::chrono::hours(10)), 1U);
  EXPECT_EQ(keys.Learn({}, KnownKeys::Time{} + std::chrono::hours(10)), 0U);
  EXPECT_NE(keys.ring().Find("a"), nullptr);
}

}  // namespace
}  // namespace renxin::gateway
