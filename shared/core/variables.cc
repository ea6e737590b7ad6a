#include "shared/core/variables.h"

#include <charconv>
#include <cstdlib>

namespace renxin {

std::string Variable(const char* name, std::string_view fallback) {
  const char* value = std::getenv(name);
  return std::string(value == nullptr || *value == '\0' ? fallback : value);
}

void Variables::Text(const char* name, std::string* value) { *value = Variable(name, *value); }

void Variables::Required(const char* name, std::string* value) {
  Text(name, value);
  if (value->empty()) Fault(std::string(name) + " is not set");
}

std::uint64_t Variables::Parse(const char* name, std::uint64_t most, std::uint64_t fallback) {
  const std::string text = Variable(name);
  if (text.empty()) return fallback;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= most) return number;
  Fault(std::string(name) + " is " + text + ": a whole number from 1 to " + std::to_string(most));
  return fallback;
}

void Variables::Fault(std::string text) {
  if (fault_.empty()) fault_ = std::move(text);
}

}  // namespace renxin
