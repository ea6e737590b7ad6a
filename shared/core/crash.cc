#include "shared/core/crash.h"

#ifdef RENXIN_CRASH_POINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

#include "shared/core/variables.h"

namespace renxin {
namespace {

struct Armed {
  std::string name;
  int pass = 1;
};

const Armed& ArmedPoint() {
  static const Armed armed = [] {
    Armed out{.name = Variable("RENXIN_CRASH_AT")};
    if (const std::size_t colon = out.name.find(':'); colon != std::string::npos) {
      out.pass = std::atoi(out.name.c_str() + colon + 1);
      out.name.resize(colon);
    }
    return out;
  }();
  return armed;
}

}  // namespace

void CrashPoint(std::string_view name) {
  const Armed& armed = ArmedPoint();
  if (armed.name != name) return;
  static std::atomic<int> passes{0};
  if (++passes == armed.pass) std::raise(SIGKILL);
}

bool PlantedFault(std::string_view name) {
  static const std::string planted = Variable("RENXIN_PLANT_FAULT");
  return planted == name;
}

}  // namespace renxin
#endif
