#pragma once
// The five steps of satisfaction (M2); a higher one is a happier customer.

#include <string_view>

#include "shared/core/entry.h"

namespace renxin::membership::surveys {

enum class Satisfaction : std::uint8_t {
  kNone = 0,
  kVeryDissatisfied = 1,
  kDissatisfied = 2,
  kFair = 3,
  kSatisfied = 4,
  kVerySatisfied = 5,
};

// 一般, 满意 …; empty for none.
std::string_view Name(Satisfaction satisfaction);
// G7: nobody answers in the future: the latest answer would stand for good.
Status CheckTime(Instant answered_at, Instant now);

}  // namespace renxin::membership::surveys
