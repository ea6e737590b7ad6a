#include "services/cli/table.h"

#include <algorithm>

namespace renxin::cli {
namespace {

constexpr std::string_view kGap = "  ";

// The next code point of valid UTF-8; what is not valid counts byte by byte.
char32_t Next(std::string_view text, std::size_t* at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(*at);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  char32_t point = length == 1 ? first : first & (0xFFU >> (length + 1));
  if (*at + length > text.size()) {
    *at = text.size();
    return first;
  }
  for (std::size_t i = 1; i < length; ++i) point = (point << 6) | (byte(*at + i) & 0x3FU);
  *at += length;
  return point;
}

bool IsWide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1F9FF) ||
         (c >= 0x20000 && c <= 0x3FFFD);
}

std::string Padded(const std::string& text, std::size_t width, Align align, bool last) {
  const std::size_t own = DisplayWidth(text);
  const std::string blanks(width > own ? width - own : 0, ' ');
  if (align == Align::kRight) return blanks + text;
  return last ? text : text + blanks;
}

}  // namespace

std::size_t DisplayWidth(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < utf8.size();) width += IsWide(Next(utf8, &at)) ? 2 : 1;
  return width;
}

std::string Harmless(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    const char32_t c = Next(text, &at);
    // C0, DEL, C1, and what turns the direction of writing.
    const bool bad = c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    out += bad ? std::string_view("?") : text.substr(before, at - before);
  }
  return out;
}

std::string FormatRate(std::int64_t basis_points) {
  std::string text = std::to_string(basis_points / 100);
  if (const std::int64_t rest = basis_points % 100; rest != 0) {
    text += "." + std::to_string(rest / 10);
    if (rest % 10 != 0) text += std::to_string(rest % 10);
  }
  return text + " %";
}

void Table::Row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = Harmless(cell);
  rows_.push_back({Kind::kRow, std::move(cells)});
}

void Table::PrintInfo(std::string text) { rows_.push_back({Kind::kNote, {Harmless(text)}}); }
void Table::Rule() { rows_.push_back({Kind::kRule, {}}); }

std::string Table::ToText() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    widths.push_back(DisplayWidth(columns_[c].heading));
    for (const Line& line : rows_) {
      if (line.kind == Kind::kRow) widths[c] = std::max(widths[c], DisplayWidth(line.cells[c]));
    }
  }
  std::size_t total = kGap.size() * (columns_.empty() ? 0 : columns_.size() - 1);
  for (const std::size_t width : widths) total += width;
  std::string out;
  const auto put = [&](auto cell_of) {
    std::string text;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (c > 0) text += kGap;
      text += Padded(cell_of(c), widths[c], columns_[c].align, c + 1 == columns_.size());
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  put([&](std::size_t c) -> const std::string& { return columns_[c].heading; });
  out += std::string(total, '-') + "\n";
  for (const Line& line : rows_) {
    if (line.kind == Kind::kRow) put([&](std::size_t c) -> const std::string& { return line.cells[c]; });
    if (line.kind == Kind::kNote) out += "    " + line.cells[0] + "\n";
    if (line.kind == Kind::kRule) out += std::string(total, '-') + "\n";
  }
  return out;
}

}  // namespace renxin::cli
