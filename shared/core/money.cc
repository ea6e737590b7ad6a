#include "shared/core/money.h"

#include <algorithm>
#include <numeric>

#include "shared/core/wide.h"

namespace renxin {
Result<Fen> ParseYuan(std::string_view text) {
  const auto bad = [](std::string_view why) { return InvalidField("", "amount", why); };
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++at;
  Fen yuan = 0;
  std::size_t whole = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++whole) {
    if (whole >= 13) return bad("amount is too large");
    yuan = yuan * 10 + (text[at] - '0');
  }
  if (whole == 0) return bad("not an amount in yuan");
  Fen fen = yuan * 100;
  if (at < text.size() && text[at] == '.') {
    const std::string_view decimals = text.substr(at + 1);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (decimals.empty() || !std::all_of(decimals.begin(), decimals.end(), digit)) return bad("not an amount in yuan");
    if (decimals.size() > 2) return bad("at most two decimals");
    fen += (decimals[0] - '0') * 10 + (decimals.size() == 2 ? decimals[1] - '0' : 0);
    at = text.size();
  }
  if (at != text.size()) return bad("not an amount in yuan");
  if (fen > kMaxFen) return bad("amount is too large");
  if (negative && fen == 0) return bad("minus zero is not an amount");
  return negative ? -fen : fen;
}

std::string FormatYuan(Fen fen) {
  const auto magnitude = fen < 0 ? 0 - static_cast<std::uint64_t>(fen) : static_cast<std::uint64_t>(fen);
  std::string cents = std::to_string(magnitude % 100);
  if (cents.size() == 1) cents.insert(0, 1, '0');
  return (fen < 0 ? "-" : "") + std::to_string(magnitude / 100) + "." + cents;
}

std::int64_t MulDiv(std::int64_t amount, std::int64_t numerator, std::int64_t denominator) {
  const Wide product = static_cast<Wide>(amount) * numerator;
  const Wide magnitude = product < 0 ? -product : product;
  const Wide rounded = (2 * magnitude + denominator) / (2 * static_cast<Wide>(denominator));
  return static_cast<std::int64_t>(product < 0 ? -rounded : rounded);
}

std::vector<Fen> Split(Fen amount, const std::vector<std::int64_t>& weights) {
  const Wide total = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  const Wide magnitude = amount < 0 ? -static_cast<Wide>(amount) : static_cast<Wide>(amount);
  std::vector<Fen> parts(weights.size());
  std::vector<Wide> fractions(weights.size());
  Wide given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Wide product = magnitude * weights[i];
    parts[i] = static_cast<Fen>(product / total);
    fractions[i] = product % total;
    given += parts[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return fractions[a] > fractions[b]; });
  for (std::size_t i = 0; given < magnitude; ++i, ++given) ++parts[order[i]];
  if (amount < 0) {
    for (Fen& part : parts) part = -part;
  }
  return parts;
}

}  // namespace renxin
