#pragma once
// Money is an integer count of fen (G1); every rounding is half away from zero (G2).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/result.h"

namespace renxin {

// Fen, CNY. Amounts are refused beyond ±kMaxFen so that no sum of a period can overflow.
using Fen = std::int64_t;
inline constexpr Fen kMaxFen = 1'000'000'000'000'00;  // 10^12 yuan

// An amount in yuan with at most two decimals: `12`, `12.5`, `-0.01`. Refused: exponents, a sign
// alone, `-0`, more than two decimals, blanks, thousands separators, beyond ±kMaxFen.
Result<Fen> ParseYuan(std::string_view text);
// `-0.01`, `1234.50`: always two decimals.
std::string FormatYuan(Fen fen);

// amount × numerator ÷ denominator, rounded half away from zero. denominator > 0.
std::int64_t MulDiv(std::int64_t amount, std::int64_t numerator, std::int64_t denominator);
// amount at a rate in basis points, rounded once (G2).
inline Fen AtRate(Fen amount, std::int64_t basis_points) { return MulDiv(amount, basis_points, 10'000); }

// Splits by weights: the shares of the magnitude are rounded down, the remainder goes fen by fen to
// the largest fractional parts, ties to the first listed, then the sign is put back (G2). Parts
// always add up to the whole. At least one weight, each >= 0, their sum > 0.
std::vector<Fen> Split(Fen amount, const std::vector<std::int64_t>& weights);

}  // namespace renxin
