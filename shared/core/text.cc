#include "shared/core/text.h"

#include <sodium.h>
#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace renxin {
namespace {

std::string Encode(std::string_view bytes, int variant) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), variant) - 1, '\0');  // libsodium counts the NUL that ends it
  sodium_bin2base64(out.data(), out.size() + 1, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), variant);
  return out;
}

// libsodium refuses wrong padding and bits that were cut off: two texts for the same bytes would pass as one. Nothing is skipped.
std::optional<std::string> Decode(std::string_view text, int variant) {
  // libsodium 1.0.18 takes some bytes above 0x7F, which are negative as `char`, for a digit.
  if (!std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return std::nullopt;
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr, &size, nullptr,
                        variant) != 0) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

bool IsHexDigit(char c) { return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f'); }

}  // namespace

std::string ToHex(std::string_view bytes) {
  std::string out(bytes.size() * 2, '\0');
  sodium_bin2hex(out.data(), out.size() + 1, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return out;
}

std::optional<std::string> FromHex(std::string_view hex) {
  // libsodium takes capital letters too: one text for the same bytes is enough.
  if (!std::all_of(hex.begin(), hex.end(), IsHexDigit)) return std::nullopt;
  std::string out(hex.size() / 2, '\0');
  if (sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), hex.data(), hex.size(), nullptr, nullptr, nullptr) != 0) {
    return std::nullopt;
  }
  return out;
}

std::string ToBase64(std::string_view bytes) { return Encode(bytes, sodium_base64_VARIANT_ORIGINAL); }
std::optional<std::string> FromBase64(std::string_view text) { return Decode(text, sodium_base64_VARIANT_ORIGINAL); }

std::string ToBase64Url(std::string_view bytes) { return Encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }
std::optional<std::string> FromBase64Url(std::string_view text) { return Decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }

bool IsCleanUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead == 0) return false;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || i + length > text.size()) return false;
    std::uint32_t point = lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      point = point << 6 | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

std::size_t CodePoints(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string_view FirstCodePoints(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++seen > count) break;
  }
  return text.substr(0, at);
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string> SplitText(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = text.find(separator, start);
    parts.emplace_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::string ToLowerAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string RandomBytes(std::size_t count) {
  std::string out(count, '\0');
  for (std::size_t done = 0; done < count;) {
    const ssize_t got = ::getrandom(out.data() + done, count - done, 0);
    if (got < 0) throw std::runtime_error("getrandom failed");
    done += static_cast<std::size_t>(got);
  }
  return out;
}

std::string IdBytes(std::size_t count) {
  constexpr std::size_t kAtOnce = 1'024;
  thread_local std::string ready;
  thread_local std::size_t at = 0;
  if (ready.size() < at + count) {
    ready = RandomBytes(std::max(count, kAtOnce));
    at = 0;
  }
  return ready.substr(std::exchange(at, at + count), count);
}

std::string NewId() {
  std::string bytes = IdBytes(16);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  auto millis = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (std::size_t i = 6; i-- > 0; millis >>= 8) bytes[i] = static_cast<char>(millis & 255);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x70);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3F) | 0x80);
  const std::string hex = ToHex(bytes);
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' + hex.substr(20);
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHexDigit(text[i])) return false;
  }
  return true;
}

}  // namespace renxin
