#include "services/cli/json.h"

#include <charconv>

#include "services/cli/exit_code.h"
#include "shared/core/text.h"

namespace renxin::cli {
namespace {

const json::value* Find(const json::object& object, std::string_view key) { return object.if_contains({key.data(), key.size()}); }

}  // namespace

json::object ParseObject(std::string_view text) {
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) throw CliError(Exit::kFailed, "the answer is no JSON object");
  return std::move(value.as_object());
}

std::int64_t Int(const json::object& object, std::string_view key) {
  const json::value* value = Find(object, key);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  if (value->is_string()) {
    const auto& text = value->get_string();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return number;
  }
  throw CliError(Exit::kFailed, "the answer's " + std::string(key) + " is no whole number");
}

std::string Text(const json::object& object, std::string_view key) {
  const json::value* value = Find(object, key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool Flag(const json::object& object, std::string_view key) {
  const json::value* value = Find(object, key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::array& List(const json::object& object, std::string_view key) {
  static const json::array kNone;
  const json::value* value = Find(object, key);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

const json::object& Inner(const json::object& object, std::string_view key) {
  static const json::object kNone;
  const json::value* value = Find(object, key);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

std::string EnumText(const json::object& object, std::string_view key, std::string_view prefix) {
  std::string text = Text(object, key);
  if (text.rfind(prefix, 0) == 0) text.erase(0, prefix.size());
  return ToLowerAscii(text);
}

}  // namespace renxin::cli
