#pragma once
// In which encoding a file's text is written: UTF-8, or GB18030 (GBK and GB2312 are parts of it) as Excel in China saves CSV.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace renxin {

// The numbers are kept in databases.
enum class TextEncoding : std::uint8_t { kUnknown = 0, kUtf8 = 1, kGb18030 = 2 };

// UTF-8, GB18030; empty when it is not known.
std::string_view NameOf(TextEncoding encoding);

// A byte-order mark at the beginning of a file.
struct ByteOrderMark {
  TextEncoding encoding = TextEncoding::kUnknown;
  std::size_t bytes = 0;
  bool utf16 = false;  // or UTF-32, whose mark begins like that of UTF-16: not taken
};
ByteOrderMark MarkOf(std::string_view beginning);

// How often bytes break the form of each encoding, and how often they keep that of UTF-8. Nearly every pair of bytes is a character of
// GB18030, so that keeping its form says nothing: the UTF-8 of two Chinese characters is three of GB18030.
struct EncodingCounts {
  std::int64_t utf8_faults = 0;
  std::int64_t gb18030_faults = 0;
  std::int64_t utf8_pairs = 0;   // characters of two bytes
  std::int64_t utf8_longer = 0;  // of three (all Chinese ones) or four
};

// Reads a file of any size as it comes and counts. What is whole in UTF-8 is UTF-8. GB18030 is what breaks UTF-8 more often than it breaks
// GB18030 and more often than it forms characters of UTF-8; so some spoilt cells do not make the others unreadable, in either encoding.
// Text in GB18030 hardly ever forms a character of three bytes; one of two it forms now and then, therefore these count an eighth.
class EncodingScan {
 public:
  explicit EncodingScan(EncodingCounts before = {}) : counts_(before), safe_counts_(before) {}

  void Feed(std::string_view bytes);
  // The file has ended: a character that is not complete is a fault.
  void Finish();
  // kUnknown while neither is far ahead of the other: a thousand spoilt cells and more would have to come to turn it.
  TextEncoding Clear() const;
  // After Finish.
  TextEncoding Verdict() const;

  // The last place between two characters in both encodings (bytes fed until there), and the counts before it: where a later scan
  // may go on.
  std::size_t safe_bytes() const { return safe_bytes_; }
  EncodingCounts safe_counts() const { return safe_counts_; }
  EncodingCounts counts() const { return counts_; }

 private:
  void ConsumeUtf8(unsigned char byte);
  void ConsumeGb18030(unsigned char byte);
  // Above zero: GB18030.
  std::int64_t Gb18030Ahead() const;

  EncodingCounts counts_;
  EncodingCounts safe_counts_;
  std::size_t fed_ = 0;
  std::size_t safe_bytes_ = 0;
  int utf8_left_ = 0;  // continuation bytes to come, the next of them from low_ to high_
  bool utf8_pair_ = false;
  unsigned char utf8_low_ = 0x80;
  unsigned char utf8_high_ = 0xBF;
  int gb_seen_ = 0;  // bytes of the character that is under way
};

// The text in UTF-8; nothing when a byte is no text of that encoding (or is NUL).
std::optional<std::string> Decode(std::string_view bytes, TextEncoding encoding);
// The same for people to look at: each byte that is no text is a U+FFFD.
std::string DecodeLossy(std::string_view bytes, TextEncoding encoding);

}  // namespace renxin
