#include "shared/core/phone.h"

#include <phonenumbers/phonenumberutil.h>

namespace renxin {

Result<std::string> NormalisePhone(std::string_view text, std::string_view region) {
  using i18n::phonenumbers::PhoneNumber;
  using i18n::phonenumbers::PhoneNumberUtil;
  const auto bad = [](std::string_view why) { return InvalidField("phone", "G4", why); };
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  switch (util.Parse(std::string(text), std::string(region), &number)) {
    case PhoneNumberUtil::NO_PARSING_ERROR:
      break;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
      return bad("unknown country code");
    case PhoneNumberUtil::TOO_SHORT_NSN:
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
      return bad("too short for a phone number");
    case PhoneNumberUtil::TOO_LONG_NSN:
      return bad("too long for a phone number");
    default:
      return bad("not a phone number");
  }
  switch (util.IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE:
      break;
    case PhoneNumberUtil::TOO_SHORT:
      return bad("too short for a phone number");
    case PhoneNumberUtil::TOO_LONG:
      return bad("too long for a phone number");
    default:
      return bad("impossible phone number");
  }
  std::string out;
  util.Format(number, PhoneNumberUtil::E164, &out);
  return out;
}

bool IsPhoneRegion(std::string_view region) {
  return i18n::phonenumbers::PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(std::string(region)) != 0;
}

}  // namespace renxin
