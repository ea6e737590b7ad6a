#include "shared/privacy/token_json.h"

#include <charconv>

#include "shared/core/text.h"

namespace renxin::privacy {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool Take(char c) {
    if (position_ < text_.size() && text_[position_] == c) {
      ++position_;
      return true;
    }
    return false;
  }
  bool AtEnd() const { return position_ == text_.size(); }

  bool String(std::string* out) {
    if (!Take('"')) {
      return false;
    }
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c == '"') {
        return IsCleanUtf8(*out);
      }
      if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !Escape(out))) {
        return false;
      }
      if (c != '\\') {
        out->push_back(c);
      }
    }
    return false;
  }

  bool Integer(std::int64_t* out) {
    const auto rest = text_.substr(position_);
    const bool leading_zero = rest.size() > 1 && rest[0] == '0' && rest[1] >= '0' && rest[1] <= '9';
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), *out);
    position_ += static_cast<std::size_t>(end - rest.data());
    return error == std::errc{} && !leading_zero && !rest.starts_with("-");
  }

  bool List(std::vector<std::string>* out) {
    if (!Take('[')) {
      return false;
    }
    if (Take(']')) {
      return true;
    }
    do {
      if (!String(&out->emplace_back())) {
        return false;
      }
    } while (Take(','));
    return Take(']');
  }

 private:
  bool Hex4(std::uint32_t* out) {
    const auto digits = text_.substr(position_, 4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *out, 16);
    position_ += digits.size();
    return digits.size() == 4 && error == std::errc{} && end == digits.data() + 4;
  }

  bool Escape(std::string* out) {
    if (position_ == text_.size()) {
      return false;
    }
    const char c = text_[position_++];
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (const auto at = kFrom.find(c); at != std::string_view::npos) {
      out->push_back(kTo[at]);
      return true;
    }
    std::uint32_t unit = 0;
    // Only what JSON must escape: characters below space. Others stand for themselves in UTF-8.
    if (c != 'u' || !Hex4(&unit) || unit == 0 || unit >= 0x20) {
      return false;
    }
    out->push_back(static_cast<char>(unit));
    return true;
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

bool ReadValue(Reader* reader, TokenValue* value) {
  Reader before = *reader;
  if (std::string text; reader->String(&text)) {
    *value = std::move(text);
    return true;
  }
  *reader = before;
  if (std::vector<std::string> list; reader->List(&list)) {
    *value = std::move(list);
    return true;
  }
  *reader = before;
  std::int64_t number = 0;
  if (!reader->Integer(&number)) {
    return false;
  }
  *value = number;
  return true;
}

}  // namespace

std::optional<TokenObject> ParseTokenObject(std::string_view text) {
  Reader reader(text);
  TokenObject object;
  if (!reader.Take('{')) {
    return std::nullopt;
  }
  if (reader.Take('}')) {
    return reader.AtEnd() ? std::optional(object) : std::nullopt;
  }
  do {
    std::string name;
    TokenValue value;
    if (!reader.String(&name) || !reader.Take(':') || !ReadValue(&reader, &value) ||
        !object.emplace(std::move(name), std::move(value)).second) {
      return std::nullopt;
    }
  } while (reader.Take(','));
  if (!reader.Take('}') || !reader.AtEnd()) {
    return std::nullopt;
  }
  return object;
}

std::string QuoteJson(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00" + ToHex({&c, 1});
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace renxin::privacy
