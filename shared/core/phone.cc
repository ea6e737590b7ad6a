#include "shared/core/phone.h"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <array>
#include <optional>

#include "shared/core/normal.h"
#include "shared/core/text.h"

namespace renxin {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t kMaxCharacters = 40;
constexpr std::size_t kMaxExtension = 6;
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kMainland = "86";

Error Bad(std::string_view why) { return InvalidField("phone", "G4", why); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool AllDigits(std::string_view text) { return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos; }

// Fullwidth digits and signs as the plain ones, blanks as spaces, invisible characters out. A character that stands for several (an
// ellipsis) stays what it is, to be refused by name.
std::string Plain(std::string_view typed) {
  std::string out;
  while (!typed.empty()) {
    const std::string_view one = FirstCodePoints(typed, 1);
    const std::string plain = CompatibleText(one);
    out += plain.size() <= 1 ? plain : std::string(one);
    typed.remove_prefix(one.size());
  }
  return out;
}

// A number as it was typed, in parts.
struct Parts {
  bool plus = false;    // + or 00 stood in front
  std::string digits;   // all of the number, without them
  std::string grouped;  // the same with a - where one stood
  std::string extension;
};

// Takes `转8012`, `ext. 8012` off the end.
Result<std::string> SplitOffExtension(std::string* text) {
  static constexpr std::array<std::string_view, 9> kWords = {"转分机", "轉分機", "分机", "分機", "转", "轉", "extension", "ext.", "ext"};
  const std::string lower = ToLowerAscii(*text);
  for (const std::string_view word : kWords) {
    const std::size_t at = lower.find(word);
    if (at == std::string::npos) continue;
    std::string_view before = Trim(std::string_view(*text).substr(0, at));
    std::string_view extension = Trim(std::string_view(*text).substr(at + word.size()));
    if (before.ends_with('(') && extension.ends_with(')')) {
      before.remove_suffix(1);
      extension.remove_suffix(1);
    }
    while (!extension.empty() && (extension.front() == ':' || extension.front() == ' ')) extension.remove_prefix(1);
    if (!AllDigits(extension) || extension.size() > kMaxExtension) return Bad("an extension has 1 to 6 digits");
    std::string found(extension);
    *text = std::string(Trim(before));
    return found;
  }
  return std::string();
}

// The first character that is no part of a number, where it stands.
std::optional<std::string_view> Offending(std::string_view text) {
  const std::size_t first = text.find_first_of(kDigits);
  const std::size_t last = text.find_last_of(kDigits);
  int open = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool inside = first != std::string_view::npos && at > first && at < last;
    if (IsDigit(c) || c == ' ' || ((c == '-' || c == '.' || c == '/') && inside)) continue;
    if (c == '+' && (first == std::string_view::npos || at < first) && text.substr(0, at).find('+') == std::string_view::npos) continue;
    if (c == '(' && at < last && ++open == 1) continue;
    if (c == ')' && first != std::string_view::npos && at > first && --open == 0) continue;
    return FirstCodePoints(text.substr(at), 1);
  }
  if (open != 0) return text.substr(text.find('('), 1);
  return std::nullopt;
}

// `13800138000.0`: a spreadsheet made a number of it.
bool HasDecimalTail(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  return dot != std::string_view::npos && text.size() - dot <= 4 && AllDigits(text.substr(dot + 1));
}

Result<Parts> Read(std::string_view typed) {
  if (CodePoints(typed) > kMaxCharacters) return Bad("must have at most 40 characters");
  std::string text(Trim(Plain(typed)));
  Parts parts;
  ASSIGN_OR_RETURN(parts.extension, SplitOffExtension(&text));
  if (const auto character = Offending(text)) return Bad("\"" + std::string(*character) + "\" is no part of a phone number there");
  if (HasDecimalTail(text)) return Bad("ends like a decimal number: a spreadsheet made a number of it");
  for (const char c : text) {
    if (IsDigit(c)) parts.digits += c;
    if (IsDigit(c) || c == '-') parts.grouped += c;
  }
  if (text.find('+') != std::string::npos) {
    parts.plus = true;
  } else if (parts.digits.starts_with("00")) {
    parts.plus = true;
    parts.digits.erase(0, 2);
  }
  return parts;
}

std::string E164(const PhoneNumber& number) {
  std::string out;
  PhoneNumberUtil::GetInstance()->Format(number, PhoneNumberUtil::E164, &out);
  return out;
}

// Digits with their country code.
bool IsValidAbroad(const std::string& digits) {
  PhoneNumber number;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  return util.Parse("+" + digits, "ZZ", &number) == PhoneNumberUtil::NO_PARSING_ERROR && util.IsValidNumber(number);
}

// By the library; a region's own number must be valid, a foreign one possible: its tables of other countries age.
Result<std::string> ByLibrary(const std::string& digits, const std::string& region, bool own) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  switch (util.Parse(digits, region, &number)) {
    case PhoneNumberUtil::NO_PARSING_ERROR:
      break;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
      return Bad("unknown country code");
    case PhoneNumberUtil::TOO_SHORT_NSN:
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
      return Bad("too short for a phone number");
    case PhoneNumberUtil::TOO_LONG_NSN:
      return Bad("too long for a phone number");
    default:
      return Bad("not a phone number");
  }
  switch (util.IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE:
      break;
    case PhoneNumberUtil::TOO_SHORT:
      return Bad("too short for a phone number");
    case PhoneNumberUtil::TOO_LONG:
      return Bad("too long for a phone number");
    default:
      return Bad("not a valid phone number");
  }
  if (own && !util.IsValidNumber(number)) return Bad("not a valid phone number");
  return E164(number);
}

enum class Kind : std::uint8_t { kNone, kMobile, kLandline, kService };

bool IsMobile(std::string_view n) { return n.size() == 11 && n[0] == '1' && n[1] >= '3'; }

bool IsService(std::string_view n) {
  return (n.size() == 10 && (n.starts_with("400") || n.starts_with("800"))) || (n.size() >= 5 && n.size() <= 8 && n.starts_with("95"));
}

// `national` without the 0 of the area code.
bool IsLandline(const std::string& national) {
  PhoneNumber number;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  if (util.Parse("+86" + national, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR || !util.IsValidNumber(number)) return false;
  return util.GetNumberType(number) == PhoneNumberUtil::FIXED_LINE && number.country_code() == 86;
}

// What a number of the mainland is; `national` gets it without 86 and 0. The 0 of an area code may be missing behind a country code alone.
Kind KindOf(std::string_view digits, bool country_code, std::string* national) {
  *national = digits;
  if (IsMobile(digits)) return Kind::kMobile;
  if (IsService(digits)) return Kind::kService;
  const bool zero = digits.starts_with('0');
  if (zero) national->erase(0, 1);
  if (zero && IsMobile(*national)) return Kind::kMobile;
  return (zero || country_code) && IsLandline(*national) ? Kind::kLandline : Kind::kNone;
}

// The country code may stand without a +: no number of the mainland begins with 86 and is as long.
Kind KindWithCode(std::string_view digits, bool plus, std::string* national) {
  if (!plus) {
    if (const Kind kind = KindOf(digits, false, national); kind != Kind::kNone) return kind;
  }
  if (!digits.starts_with(kMainland)) return Kind::kNone;
  return KindOf(digits.substr(kMainland.size()), true, national);
}

// `0755-83456789-8012`: what follows a whole landline or service number.
std::optional<Parts> SplitAtHyphen(const Parts& parts) {
  const std::size_t hyphen = parts.grouped.rfind('-');
  if (hyphen == std::string::npos || !parts.extension.empty()) return std::nullopt;
  Parts split = parts;
  split.extension = parts.grouped.substr(hyphen + 1);
  if (split.extension.empty() || split.extension.size() > kMaxExtension) return std::nullopt;
  split.digits.erase(split.digits.size() - split.extension.size());
  split.grouped.erase(hyphen);
  return split;
}

// `digits` as they were typed; behind a country code that was written out, the 86 is no part of the length.
Error NoNumberOfTheMainland(std::string digits, bool plus) {
  if (plus) digits.erase(0, kMainland.size());
  if (!plus && IsValidAbroad(digits)) return Bad("no number of the mainland; if it is a foreign one, write it with +");
  if (digits.size() < 7) return Bad("too short for a phone number");
  if (digits.size() > 12) return Bad("too long for a phone number");
  return Bad("not a valid phone number: 11 digits of a mobile, or a landline with its area code and 0");
}

Result<Phone> Mainland(Parts parts, const PhoneRules& rules) {
  std::string national;
  Kind kind = Kind::kNone;
  if (auto split = SplitAtHyphen(parts)) {
    kind = KindWithCode(split->digits, split->plus, &national);
    if (kind == Kind::kLandline || kind == Kind::kService) {
      parts = std::move(*split);
    } else {
      kind = Kind::kNone;
      // Behind seven digits in one piece stands an extension, of a number that is none.
      const std::string_view before = std::string_view(split->grouped).substr(split->grouped.rfind('-') + 1);
      if (split->grouped.find('-') != std::string::npos && before.size() >= 7) return Bad("not a valid phone number before the extension");
    }
  }
  if (kind == Kind::kNone) kind = KindWithCode(parts.digits, parts.plus, &national);
  if (kind == Kind::kNone) return NoNumberOfTheMainland(parts.digits, parts.plus);
  if (kind == Kind::kService && !rules.service_numbers) return Bad("400, 800 and 95xxx are not taken by policy");
  return Phone{.e164 = "+" + std::string(kMainland) + national, .extension = parts.extension};
}

}  // namespace

Result<Phone> NormalisePhone(std::string_view text, const PhoneRules& rules) {
  ASSIGN_OR_RETURN(Parts parts, Read(text));
  if (parts.digits.empty()) return Bad("not a phone number");
  const bool mainland = parts.plus ? parts.digits.starts_with(kMainland) : rules.region == "CN";
  if (mainland) return Mainland(std::move(parts), rules);
  const std::string digits = (parts.plus ? "+" : "") + parts.digits;
  ASSIGN_OR_RETURN(std::string e164, ByLibrary(digits, rules.region, !parts.plus));
  return Phone{.e164 = std::move(e164), .extension = std::move(parts.extension)};
}

bool IsSoundE164(std::string_view e164) {
  const auto phone = NormalisePhone(e164, {});
  return phone && phone->e164 == e164;
}

bool IsPhoneRegion(std::string_view region) { return PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(std::string(region)) != 0; }

}  // namespace renxin
