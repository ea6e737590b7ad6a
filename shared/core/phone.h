#pragma once
// G4: a phone number is normalised to E.164; an impossible one is refused with the reason.

#include <string>
#include <string_view>

#include "shared/core/result.h"

namespace renxin {

// `region` is the ISO code used for numbers without a country code, e.g. CN.
Result<std::string> NormalisePhone(std::string_view text, std::string_view region);

// An ISO code that phone numbers without a country code can be read by.
bool IsPhoneRegion(std::string_view region);

}  // namespace renxin
