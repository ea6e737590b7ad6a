#include "services/gateway/throttle/buckets.h"

#include <algorithm>
#include <cstring>

#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

std::uint64_t Seed() {
  const std::string bytes = RandomBytes(sizeof(std::uint64_t));
  std::uint64_t seed = 0;
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return seed;
}

}  // namespace

TokenBuckets::TokenBuckets(std::size_t burst, std::chrono::microseconds every, std::size_t keys_max)
    : every_(every), whole_(every * static_cast<std::int64_t>(std::max<std::size_t>(burst, 1))), keys_max_(keys_max), seed_(Seed()) {}

std::uint64_t TokenBuckets::HashOf(std::string_view key) const {
  std::string salted(sizeof seed_, '\0');
  std::memcpy(salted.data(), &seed_, sizeof seed_);
  salted += key;
  return std::hash<std::string>{}(salted);
}

std::optional<std::chrono::milliseconds> TokenBuckets::Consume(std::string_view key, Time now) {
  const std::uint64_t hash = HashOf(key);
  const auto found = by_key_.find(hash);
  if (found == by_key_.end()) {
    if (buckets_.size() >= keys_max_) {
      by_key_.erase(buckets_.back().key);
      buckets_.pop_back();
    }
    buckets_.push_front({hash, now});
    by_key_.emplace(hash, buckets_.begin());
  } else {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  }
  Bucket& bucket = buckets_.front();
  const Time full_at = std::max(bucket.full_at, now) + every_;
  if (full_at - now > whole_) {
    const auto wait = std::chrono::duration_cast<std::chrono::microseconds>(full_at - now - whole_);
    return std::chrono::milliseconds((wait.count() + 999) / 1000);
  }
  bucket.full_at = full_at;
  return std::nullopt;
}

}  // namespace renxin::gateway
