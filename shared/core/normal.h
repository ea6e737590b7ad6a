#pragma once
// G8: text that identifies (names, outside numbers, codes) has one normal form for comparing. It is kept as it was typed, trimmed.
// The tables are ICU's. All functions take valid UTF-8.

#include <string>
#include <string_view>

namespace renxin {

// Blanks of every kind and what shows nothing are taken off both ends; what is between stays as it was typed.
std::string_view TrimText(std::string_view text);
// Nothing visible is left: such a value is missing.
bool ShowsNothing(std::string_view text);

// NFKC; blanks of every kind are one space each; zero-width and control characters are out. Neither trimmed nor folded.
std::string CompatibleText(std::string_view text);

// For names: CompatibleText, trimmed, blanks folded to one, the dots · • ・ ． ‧ as one, case folded.
std::string NormalForm(std::string_view text);
// For outside numbers and codes: the same, but case is kept.
std::string NormalCode(std::string_view text);

}  // namespace renxin
