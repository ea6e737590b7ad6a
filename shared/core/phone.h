#pragma once
// G4: a phone number is normalised to E.164, on every entry path by this one function. Every character is accounted for; what is no
// valid number is refused with the reason, never guessed.

#include <string>
#include <string_view>

#include "shared/core/result.h"

namespace renxin {

struct PhoneRules {
  // ISO code of the region that a number without a country code belongs to.
  std::string region = "CN";
  // Whether 400, 800 and 95xxx are taken; the mainland's alone.
  bool service_numbers = true;
};

struct Phone {
  std::string e164;
  // Digits, or empty. Kept with the number and shown; no part of whose number it is.
  std::string extension;
  bool operator==(const Phone&) const = default;
};

Result<Phone> NormalisePhone(std::string_view text, const PhoneRules& rules);

// What NormalisePhone made of a text before is still taken by it: stored numbers are looked through with this.
bool IsSoundE164(std::string_view e164);

// An ISO code that phone numbers without a country code can be read by.
bool IsPhoneRegion(std::string_view region);

}  // namespace renxin
