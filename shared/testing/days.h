#pragma once
// Days, months and instants as tests write them. Header only, so that tests of pure rules need nothing of the fixtures.

#include "shared/core/time.h"

namespace renxin {

inline Day D(const char* text) { return *ParseDay(text); }
inline Month M(const char* text) { return *ParseMonth(text); }
inline Instant T(const char* text) { return *ParseTime(text); }

}  // namespace renxin
