#pragma once
// Token buckets by key: so many at once, then so many in a time. Bounded: the bucket that was asked the longest ago is forgotten first.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace renxin::gateway {

class TokenBuckets {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // `burst` at least 1; a token comes every `every`.
  TokenBuckets(std::size_t burst, std::chrono::microseconds every, std::size_t keys_max);

  // Consumes a token; nothing when there was one, else how long until there will be.
  std::optional<std::chrono::milliseconds> Consume(std::string_view key, Time now);
  std::size_t size() const { return buckets_.size(); }

 private:
  // When it will be full again: before it is missing one token for every `every_`.
  struct Bucket {
    std::uint64_t key;
    Time full_at;
  };
  std::uint64_t HashOf(std::string_view key) const;

  const std::chrono::microseconds every_;
  const std::chrono::microseconds whole_;
  const std::size_t keys_max_;
  // Under a hash that nobody outside can compute: neither addresses nor names are kept.
  const std::uint64_t seed_;
  std::list<Bucket> buckets_;  // the one that was asked last in front
  std::unordered_map<std::uint64_t, std::list<Bucket>::iterator> by_key_;
};

}  // namespace renxin::gateway
