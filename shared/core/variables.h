#pragma once
// The environment variables of a program, and the only way to them. docs/configuration.md lists every name; a test compares.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace renxin {

// One that may be absent; empty is absent.
std::string Variable(const char* name, std::string_view fallback = "");

// Reads several and remembers the first fault, by the name of its variable: the program does not start with one.
class Variables {
 public:
  void Text(const char* name, std::string* value);
  // The same, and empty is a fault.
  void Required(const char* name, std::string* value);
  // A whole number from 1 to `most`; `value` holds the default, and keeps it at a fault.
  template <class Int>
  void Number(const char* name, std::uint64_t most, Int* value) {
    *value = static_cast<Int>(Parse(name, most, static_cast<std::uint64_t>(*value)));
  }
  // In the unit of the duration.
  template <class Rep, class Period>
  void Duration(const char* name, std::uint64_t most, std::chrono::duration<Rep, Period>* value) {
    Rep count = value->count();
    Number(name, most, &count);
    *value = std::chrono::duration<Rep, Period>(count);
  }

  const std::string& fault() const { return fault_; }  // empty: none

 private:
  std::uint64_t Parse(const char* name, std::uint64_t most, std::uint64_t fallback);
  void Fault(std::string text);

  std::string fault_;
};

}  // namespace renxin
