#include "shared/runtime/clock.h"

#ifdef RENXIN_CRASH_POINTS
#include <atomic>
#include <chrono>
#include <fstream>
#include <string>

#include "shared/core/variables.h"
#endif

namespace renxin::runtime {

#ifdef RENXIN_CRASH_POINTS
namespace {

// Read at most ten times a second.
std::int64_t OffsetMicros() {
  static const std::string path = Variable("RENXIN_CLOCK_FILE");
  if (path.empty()) return 0;
  static std::atomic<std::int64_t> offset{0};
  static std::atomic<std::int64_t> read_at{-1};
  const std::int64_t tenth = std::chrono::steady_clock::now().time_since_epoch() / std::chrono::milliseconds(100);
  if (read_at.exchange(tenth) != tenth) {
    std::int64_t seconds = 0;
    if (std::ifstream(path) >> seconds) offset = seconds * 1'000'000;
  }
  return offset;
}

}  // namespace

Instant Now() { return {SystemNow().micros + OffsetMicros()}; }
#else
Instant Now() { return SystemNow(); }
#endif

}  // namespace renxin::runtime
