#pragma once
// Business outcomes are values, infrastructure throws: a function that may refuse what it is asked
// returns Result<T>; a database or broker that is down is an exception.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace renxin {

#define RENXIN_CODE(enumerator, name, status) enumerator,
enum class Code : std::uint8_t {
#include "shared/core/codes.def"
};
#undef RENXIN_CODE

#define RENXIN_REASON(enumerator, slug, title, explanation) enumerator,
enum class Reason : std::uint8_t {
#include "shared/core/reasons.def"
};
#undef RENXIN_REASON

struct FieldViolation {
  std::string field;  // path in the request, e.g. lines[2].amount
  std::string rule;   // required, max_len, R4 …
  std::string message;
};

struct Error {
  Code code = Code::kInternal;
  Reason reason = Reason::kInternal;
  std::string message;  // never holds personal data
  std::vector<FieldViolation> fields{};
  std::int64_t retry_after_ms = 0;
  // The refusal itself is something to be written down (a wrong password): what the handler wrote stands.
  bool keep_writes = false;
};

// A field of the request is wrong: 400 with the field's name.
Error InvalidField(std::string_view field, std::string_view rule, std::string_view message);
// What was asked for is not there, or the caller may not know that it is (404).
Error NotFound(std::string_view what);
// The record is in a state in which this cannot be done (409).
Error WrongState(std::string_view message);
// A rule of the business refuses what was sent; `rule` is its id (400).
Error RuleBroken(std::string_view field, std::string_view rule, std::string_view message);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }
  const T& value() const& { return std::get<0>(state_); }
  T& value() & { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};
using Status = Result<Ok>;

#define RENXIN_CONCAT_INNER(a, b) a##b
#define RENXIN_CONCAT(a, b) RENXIN_CONCAT_INNER(a, b)
#define ASSIGN_OR_RETURN(declaration, expression)               \
  auto RENXIN_CONCAT(result_, __LINE__) = (expression);         \
  if (!RENXIN_CONCAT(result_, __LINE__)) {                      \
    return std::move(RENXIN_CONCAT(result_, __LINE__)).error(); \
  }                                                             \
  declaration = std::move(RENXIN_CONCAT(result_, __LINE__)).value()
#define RETURN_IF_ERROR(expression)                                                              \
  if (auto RENXIN_CONCAT(status_, __LINE__) = (expression); !RENXIN_CONCAT(status_, __LINE__)) { \
    return std::move(RENXIN_CONCAT(status_, __LINE__)).error();                                  \
  }                                                                                              \
  static_assert(true)

}  // namespace renxin
