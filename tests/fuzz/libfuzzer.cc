// The entry of one libFuzzer program: RENXIN_FUZZ_TARGET is the function of its target.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  renxin::fuzz::RENXIN_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
