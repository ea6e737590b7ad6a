#include "services/notifications/recipients/rules.h"

#include <string>

namespace renxin::notifications::recipients {
namespace {

// Full-width letters (U+FF21 Ａ … U+FF5A ｚ) as ASCII, the ideographic space as a blank; the rest as it is.
std::string Narrow(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
    if (byte(i) == 0xE3 && byte(i + 1) == 0x80 && byte(i + 2) == 0x80) {
      out += ' ';
      i += 3;
    } else if (byte(i) == 0xEF && (byte(i + 1) == 0xBC || byte(i + 1) == 0xBD) && byte(i + 2) >= 0x80 && byte(i + 2) <= 0xBF) {
      const unsigned code = 0xF000U + ((byte(i + 1) & 0x3FU) << 6U) + (byte(i + 2) & 0x3FU);
      const bool narrow = code >= 0xFF01 && code <= 0xFF5E;
      out += narrow ? std::string(1, static_cast<char>(code - 0xFEE0)) : std::string(text.substr(i, 3));
      i += 3;
    } else {
      out += text[i++];
    }
  }
  return out;
}

}  // namespace

bool IsOptOutReply(std::string_view reply) {
  std::string text = Narrow(reply);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return false;
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text == "R" || text == "T" || text == "TD" || text == "退订";
}

}  // namespace renxin::notifications::recipients
