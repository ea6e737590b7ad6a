#pragma once
// Text helpers that std has not: hex, base64, UTF-8.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renxin {

// Lower case, by libsodium like base64.
std::string ToHex(std::string_view bytes);
std::optional<std::string> FromHex(std::string_view hex);

// Standard base64 with padding; strict: no stray bits, no white space.
std::string ToBase64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);
// base64url without padding; strict: no stray bits, no padding, no white space.
std::string ToBase64Url(std::string_view bytes);
std::optional<std::string> FromBase64Url(std::string_view text);

// Valid UTF-8 without U+0000 (a NUL would silently cut the text in the database).
bool IsCleanUtf8(std::string_view text);
// Code points of valid UTF-8.
std::size_t CodePoints(std::string_view text);
// The first `count` code points.
std::string_view FirstCodePoints(std::string_view text, std::size_t count);

std::string_view Trim(std::string_view text);
std::vector<std::string> SplitText(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::string ToLowerAscii(std::string_view text);

// A UUIDv7 as text(36): milliseconds, then random bits from the kernel.
std::string NewId();
bool IsUuid(std::string_view text);
// `count` random bytes from the kernel.
std::string RandomBytes(std::size_t count);
// The same for identifiers, not for keys: asked for by the kilobyte, as each question is a system call.
std::string IdBytes(std::size_t count);

}  // namespace renxin
