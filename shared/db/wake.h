#pragma once
// Which of a service's loops a commit has work for. A transaction collects it (Tx::Wake), the lane passes it on after the COMMIT.

#include <cstdint>

namespace renxin::db {

enum class Concern : std::uint8_t { kOutbox = 1, kTimers = 2, kOperations = 4 };

class Concerns {
 public:
  constexpr Concerns() = default;
  constexpr Concerns(Concern one) : bits_(static_cast<std::uint8_t>(one)) {}  // NOLINT(google-explicit-constructor): one is a set of one
  static constexpr Concerns All() { return FromBits(7); }
  static constexpr Concerns FromBits(std::uint8_t bits) {
    Concerns out;
    out.bits_ = bits & 7U;
    return out;
  }

  constexpr void Add(Concerns others) { bits_ |= others.bits_; }
  constexpr bool Has(Concern one) const { return (bits_ & static_cast<std::uint8_t>(one)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint8_t bits() const { return bits_; }

 private:
  std::uint8_t bits_ = 0;
};

}  // namespace renxin::db
