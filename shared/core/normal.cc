#include "shared/core/normal.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace renxin {
namespace {

constexpr UChar32 kBrailleBlank = 0x2800;  // a symbol to Unicode, nothing to the eye

bool IsBlank(UChar32 c) { return c == kBrailleBlank || u_isUWhiteSpace(c) != 0; }

// Zero-width characters, byte-order marks, selectors, controls.
bool IsInvisible(UChar32 c) { return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0 || u_charType(c) == U_CONTROL_CHAR; }

// What the fullwidth dot becomes by NFKC: the others follow it.
bool IsDot(UChar32 c) {
  static constexpr std::array<UChar32, 5> kDots = {0xB7, 0x2022, 0x30FB, 0xFF0E, 0x2027};
  return std::find(kDots.begin(), kDots.end(), c) != kDots.end();
}

// Most numbers and codes: nothing to be done for them.
bool IsPlainAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

icu::UnicodeString Nfkc(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  icu::UnicodeString out = nfkc == nullptr ? text : nfkc->normalize(text, status);
  if (U_FAILURE(status) != 0) throw std::runtime_error("ICU cannot normalise text");
  return out;
}

icu::UnicodeString Visible(const icu::UnicodeString& text) {
  icu::UnicodeString out;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (IsBlank(c)) {
      out.append(static_cast<UChar32>(' '));
    } else if (!IsInvisible(c)) {
      out.append(c);
    }
  }
  return out;
}

// Twice: what was taken out may have kept two characters from composing, and a few characters become invisible ones.
icu::UnicodeString Compatible(std::string_view text) {
  const auto utf16 = icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  return Visible(Nfkc(Visible(Nfkc(utf16))));
}

std::string ToUtf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

// Trims, folds blanks, makes the dots one.
icu::UnicodeString Folded(const icu::UnicodeString& text) {
  icu::UnicodeString out;
  bool blank = false;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (c == ' ') {
      blank = !out.isEmpty();
      continue;
    }
    if (blank) out.append(static_cast<UChar32>(' '));
    blank = false;
    out.append(IsDot(c) ? static_cast<UChar32>('.') : c);
  }
  return out;
}

}  // namespace

std::string_view TrimText(std::string_view text) {
  const auto nothing = [](UChar32 c) { return IsBlank(c) || IsInvisible(c); };
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());  // NOLINT: ICU reads bytes
  auto end = static_cast<int32_t>(text.size());
  int32_t begin = 0;
  for (int32_t next = 0; begin < end; begin = next) {
    UChar32 c = 0;
    U8_NEXT(bytes, next, end, c);
    if (!nothing(c)) break;
  }
  for (int32_t next = end; end > begin; end = next) {
    UChar32 c = 0;
    U8_PREV(bytes, begin, next, c);
    // A selector behind a character is how that one looks.
    if (!nothing(c) || u_hasBinaryProperty(c, UCHAR_VARIATION_SELECTOR) != 0) break;
  }
  return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

bool ShowsNothing(std::string_view text) {
  if (text.empty()) return true;
  const icu::UnicodeString visible = Compatible(text);
  for (int32_t i = 0; i < visible.length(); ++i) {
    if (visible.charAt(i) != ' ') return false;
  }
  return true;
}

std::string CompatibleText(std::string_view text) { return ToUtf8(Compatible(text)); }

std::string NormalForm(std::string_view text) {
  // Folding case may take a composed character apart.
  icu::UnicodeString out = Compatible(text);
  out.foldCase(U_FOLD_CASE_DEFAULT);
  return ToUtf8(Folded(Nfkc(out)));
}

std::string NormalCode(std::string_view text) {
  if (IsPlainAscii(text)) return std::string(text);
  return ToUtf8(Folded(Compatible(text)));
}

}  // namespace renxin
