#include "shared/intake/kind.h"

#include <algorithm>

#include "shared/core/money.h"

namespace renxin::intake {

int KindSpec::IndexOf(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

const std::string& Fields::Text(std::string_view column) const {
  static const std::string kNone;
  const int index = kind_.IndexOf(column);
  return index < 0 ? kNone : row_.cells[static_cast<std::size_t>(index)];
}

void Fields::Refuse(std::string_view column, std::string_view reason) {
  if (!fault_field_.empty()) return;
  fault_field_ = column;
  fault_reason_ = reason;
}

void Fields::Refuse(const Error& error) {
  if (error.fields.empty()) return Refuse("row", error.message);
  Refuse(error.fields.front().field, error.fields.front().message);
}

std::optional<Instant> Fields::Time(std::string_view column) {
  if (!Has(column)) return std::nullopt;
  const auto time = ParseTime(Text(column));
  if (time) return *time;
  Refuse(column, time.error().fields.front().message);
  return std::nullopt;
}

std::optional<Day> Fields::Date(std::string_view column) {
  if (!Has(column)) return std::nullopt;
  const auto day = ParseDay(Text(column));
  if (day) return *day;
  Refuse(column, day.error().fields.front().message);
  return std::nullopt;
}

std::optional<std::int64_t> Fields::Fen(std::string_view column) {
  if (!Has(column)) return std::nullopt;
  const auto fen = ParseYuan(Text(column));
  if (fen) return *fen;
  Refuse(column, fen.error().fields.front().message);
  return std::nullopt;
}

std::optional<bool> Fields::Flag(std::string_view column) {
  if (!Has(column)) return std::nullopt;
  const std::string& text = Text(column);
  if (text == "true" || text == "false") return text == "true";
  Refuse(column, "true or false is expected");
  return std::nullopt;
}

std::optional<std::int64_t> Fields::Integer(std::string_view column, std::int64_t low, std::int64_t high) {
  if (!Has(column)) return std::nullopt;
  const std::string& text = Text(column);
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const std::int64_t value = digits && text.size() <= 12 ? std::stoll(text) : low - 1;
  if (value >= low && value <= high) return value;
  Refuse(column, "a whole number from " + std::to_string(low) + " to " + std::to_string(high) + " is expected");
  return std::nullopt;
}

std::string Fields::Code(std::string_view column, const std::vector<std::string>& allowed) {
  const std::string& text = Text(column);
  if (text.empty() || std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return text;
  Refuse(column, "unknown code");
  return {};
}

}  // namespace renxin::intake
