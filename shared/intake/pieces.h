#pragma once
// The bytes of an uploaded file as slices read them, one after the other.

#include <cstdint>
#include <mutex>
#include <string>

#include "shared/intake/kind.h"

namespace renxin::intake {

// Keeps the piece that was read last: it holds the rows of several slices, and a piece that was acknowledged never changes. One of at most
// 128 KiB for a process. Thread-safe.
class Pieces {
 public:
  // The bytes from `offset` to the end of their piece; empty at the end of the file.
  std::string From(Tx& tx, const Environment& env, const std::string& upload, std::int64_t offset);
  // The upload is deleted: nothing of it stays in memory.
  void Forget(const std::string& upload);

 private:
  std::mutex mutex_;
  std::string upload_;
  std::int64_t start_ = 0;
  std::string data_;
};

}  // namespace renxin::intake
