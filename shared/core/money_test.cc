#include "shared/core/money.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace renxin {
namespace {

struct YuanCase {
  const char* text;
  Fen fen;
};

TEST(Money, G1_parses_yuan_with_at_most_two_decimals) {
  for (const YuanCase& c : {YuanCase{"0", 0}, {"12", 1200}, {"12.5", 1250}, {"-0.01", -1}, {"0.10", 10}, {"1000000000000", kMaxFen}}) {
    const auto fen = ParseYuan(c.text);
    ASSERT_TRUE(fen) << c.text;
    EXPECT_EQ(*fen, c.fen) << c.text;
  }
}

struct BadCase {
  const char* text;
  const char* message;
};

TEST(Money, G1_refuses_what_is_no_amount_with_the_reason) {
  for (const BadCase& c : {BadCase{"", "not an amount in yuan"},
                           {"1e5", "not an amount in yuan"},
                           {"0.001", "at most two decimals"},
                           {"-0", "minus zero is not an amount"},
                           {"-0.00", "minus zero is not an amount"},
                           {"-", "not an amount in yuan"},
                           {"1.", "not an amount in yuan"},
                           {".5", "not an amount in yuan"},
                           {" 1", "not an amount in yuan"},
                           {"1,000", "not an amount in yuan"},
                           {"+1", "not an amount in yuan"},
                           {"1000000000000.01", "amount is too large"},
                           {"99999999999999", "amount is too large"},
                           {"1.2.3", "not an amount in yuan"}}) {
    const auto fen = ParseYuan(c.text);
    ASSERT_FALSE(fen) << c.text;
    EXPECT_EQ(fen.error().fields.front().message, c.message) << c.text;
  }
}

TEST(Money, format_and_parse_are_inverse) {
  for (const Fen fen : {Fen{0}, Fen{1}, Fen{-1}, Fen{99}, Fen{100}, Fen{-12345}, kMaxFen, -kMaxFen})
    EXPECT_EQ(*ParseYuan(FormatYuan(fen)), fen);
}

struct RateCase {
  Fen amount;
  int rate_bp;
  Fen expected;
};

TEST(Money, G2_a_product_is_rounded_half_away_from_zero) {
  for (const RateCase& c : {RateCase{100, 50, 1},
                            {99, 50, 0},
                            {-100, 50, -1},
                            {-99, 50, 0},
                            {1, 5000, 1},
                            {-1, 5000, -1},
                            {0, 700, 0},
                            {kMaxFen, 10'000, kMaxFen}}) {
    EXPECT_EQ(AtRate(c.amount, c.rate_bp), c.expected) << c.amount << " at " << c.rate_bp;
  }
}

TEST(Money, G2_splits_worked_examples) {
  EXPECT_EQ(Split(-1, {5000, 5000}), (std::vector<Fen>{-1, 0}));
  EXPECT_EQ(Split(100, {1, 1, 1}), (std::vector<Fen>{34, 33, 33}));
  EXPECT_EQ(Split(2, {1, 1, 1}), (std::vector<Fen>{1, 1, 0}));
  EXPECT_EQ(Split(10, {3333, 3333, 3334}), (std::vector<Fen>{3, 3, 4}));
  EXPECT_EQ(Split(0, {1, 2}), (std::vector<Fen>{0, 0}));
  EXPECT_EQ(Split(7, {0, 1}), (std::vector<Fen>{0, 7}));
}

TEST(Money, G2_parts_always_add_up_to_the_whole) {
  std::mt19937_64 random(20261121);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::int64_t> weights(1 + random() % 5);
    for (auto& weight : weights) weight = static_cast<std::int64_t>(random() % 10'001);
    weights.front() += 1;
    const Fen amount = static_cast<Fen>(random() % 2'000'000) - 1'000'000;
    const std::vector<Fen> parts = Split(amount, weights);
    ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), Fen{0}), amount);
    for (const Fen part : parts) ASSERT_TRUE(part == 0 || (part < 0) == (amount < 0));
  }
}

}  // namespace
}  // namespace renxin
