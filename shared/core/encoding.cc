#include "shared/core/encoding.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

#include "shared/core/text.h"

namespace renxin {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
// Below it no byte is part of a character of several, in either encoding.
constexpr unsigned char kAlwaysAlone = 0x30;
constexpr std::int64_t kFarAhead = 1'000;
constexpr std::int64_t kPairsThatCountAsOne = 8;

bool Between(unsigned char byte, unsigned char low, unsigned char high) { return low <= byte && byte <= high; }

// The C library's tables: the whole of GB18030 with its characters of four bytes.
class Converter {
 public:
  explicit Converter(const char* from) : handle_(::iconv_open("UTF-8", from)) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr,cppcoreguidelines-pro-type-cstyle-cast): iconv says failure so
    if (handle_ == (iconv_t)-1) throw std::runtime_error(std::string("the C library cannot read ") + from);
  }
  ~Converter() { ::iconv_close(handle_); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  // Appends what can be read; false when `bytes` begins with what is no text now.
  bool Append(std::string_view* bytes, std::string* out) {
    ::iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    std::array<char, 1024> room{};
    while (!bytes->empty()) {
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): iconv does not write there
      char* in = const_cast<char*>(bytes->data());
      std::size_t in_left = bytes->size();
      char* to = room.data();
      std::size_t to_left = room.size();
      const std::size_t done = ::iconv(handle_, &in, &in_left, &to, &to_left);
      const bool full = done == static_cast<std::size_t>(-1) && errno == E2BIG;
      out->append(room.data(), room.size() - to_left);
      bytes->remove_prefix(bytes->size() - in_left);
      if (done == static_cast<std::size_t>(-1) && !full) return false;
    }
    return true;
  }

 private:
  iconv_t handle_;
};

Converter& ConverterOf(TextEncoding encoding) {
  thread_local Converter utf8("UTF-8");
  if (encoding != TextEncoding::kGb18030) return utf8;
  thread_local Converter gb18030("GB18030");
  return gb18030;
}

bool IsAscii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\0'; });
}

}  // namespace

std::string_view NameOf(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::kUtf8:
      return "UTF-8";
    case TextEncoding::kGb18030:
      return "GB18030";
    case TextEncoding::kUnknown:
      break;
  }
  return "";
}

ByteOrderMark MarkOf(std::string_view beginning) {
  if (beginning.starts_with("\xEF\xBB\xBF")) return {.encoding = TextEncoding::kUtf8, .bytes = 3};
  if (beginning.starts_with("\x84\x31\x95\x33")) return {.encoding = TextEncoding::kGb18030, .bytes = 4};
  if (beginning.starts_with("\xFF\xFE") || beginning.starts_with("\xFE\xFF") || beginning.starts_with(std::string_view("\0\0\xFE\xFF", 4)))
    return {.utf16 = true};
  return {};
}

void EncodingScan::Feed(std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || utf8_left_ > 0 || gb_seen_ > 0) {  // most bytes of most files are neither's business
      ConsumeUtf8(byte);
      ConsumeGb18030(byte);
    }
    ++fed_;
    if (byte < kAlwaysAlone) {
      safe_bytes_ = fed_;
      safe_counts_ = counts_;
    }
  }
}

// RFC 3629: nothing overlong, no surrogates, nothing above U+10FFFF.
void EncodingScan::ConsumeUtf8(unsigned char byte) {
  if (utf8_left_ > 0) {
    if (Between(byte, utf8_low_, utf8_high_)) {
      --utf8_left_;
      utf8_low_ = 0x80;
      utf8_high_ = 0xBF;
      if (utf8_left_ == 0) ++(utf8_pair_ ? counts_.utf8_pairs : counts_.utf8_longer);
      return;
    }
    ++counts_.utf8_faults;  // the one before is not complete; this byte begins another
    utf8_left_ = 0;
  }
  utf8_low_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
  utf8_high_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
  utf8_pair_ = Between(byte, 0xC2, 0xDF);
  if (utf8_pair_) {
    utf8_left_ = 1;
  } else if (Between(byte, 0xE0, 0xEF)) {
    utf8_left_ = 2;
  } else if (Between(byte, 0xF0, 0xF4)) {
    utf8_left_ = 3;
  } else if (byte >= 0x80) {
    ++counts_.utf8_faults;
  }
}

// One byte, two, or four of which the second and the fourth are digits.
void EncodingScan::ConsumeGb18030(unsigned char byte) {
  const bool lead = Between(byte, 0x81, 0xFE);
  const bool digit = Between(byte, '0', '9');
  if (gb_seen_ == 1 && (lead || Between(byte, 0x40, 0x7E) || byte == 0x80)) {
    gb_seen_ = 0;
    return;
  }
  if ((gb_seen_ == 1 && digit) || (gb_seen_ == 2 && lead)) {
    ++gb_seen_;
    return;
  }
  if (gb_seen_ == 3 && digit) {
    gb_seen_ = 0;
    return;
  }
  if (gb_seen_ > 0) ++counts_.gb18030_faults;
  gb_seen_ = lead ? 1 : 0;
  if (byte == 0x80 || byte == 0xFF) ++counts_.gb18030_faults;
}

void EncodingScan::Finish() {
  if (utf8_left_ > 0) ++counts_.utf8_faults;
  if (gb_seen_ > 0) ++counts_.gb18030_faults;
  utf8_left_ = 0;
  gb_seen_ = 0;
}

TextEncoding EncodingScan::Clear() const { return std::abs(Gb18030Ahead()) < kFarAhead ? TextEncoding::kUnknown : Verdict(); }

TextEncoding EncodingScan::Verdict() const { return Gb18030Ahead() > 0 ? TextEncoding::kGb18030 : TextEncoding::kUtf8; }

std::int64_t EncodingScan::Gb18030Ahead() const {
  return counts_.utf8_faults - std::max(counts_.gb18030_faults, counts_.utf8_longer + counts_.utf8_pairs / kPairsThatCountAsOne);
}

std::optional<std::string> Decode(std::string_view bytes, TextEncoding encoding) {
  if (IsAscii(bytes)) return std::string(bytes);
  if (encoding != TextEncoding::kGb18030) return IsCleanUtf8(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
  std::string out;
  if (!ConverterOf(encoding).Append(&bytes, &out) || !IsCleanUtf8(out)) return std::nullopt;
  return out;
}

std::string DecodeLossy(std::string_view bytes, TextEncoding encoding) {
  if (auto text = Decode(bytes, encoding)) return *std::move(text);
  std::string out;
  while (!ConverterOf(encoding).Append(&bytes, &out)) {
    out += kReplacement;
    bytes.remove_prefix(1);
  }
  std::string clean;
  for (const char c : out) {
    if (c == '\0') {
      clean += kReplacement;
    } else {
      clean += c;
    }
  }
  return clean;
}

}  // namespace renxin
