#pragma once
// Tells the runners of this process that an operation was begun, so that none waits for the next look.

#include <atomic>

namespace renxin::operations {

class Wake {
 public:
  // Within the transaction: a runner that looks too early looks again when the transaction has been committed.
  static void Ring() { rung = true; }
  // True once for each ring.
  static bool HasRung() { return rung.exchange(false); }

 private:
  static inline std::atomic<bool> rung{false};
};

}  // namespace renxin::operations
