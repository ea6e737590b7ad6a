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

// The numbers are those of proto/renxin/common/v1/error.proto (checked in shared/contract).
enum class Code : std::uint8_t {
  kOk = 0,
  kInvalidArgument = 1,
  kUnauthenticated = 2,
  kPermissionDenied = 3,
  kNotFound = 4,
  kMethodNotAllowed = 5,
  kConflict = 6,
  kTooLarge = 7,
  kUnsupportedMedia = 8,
  kUnprocessable = 9,
  kTooManyRequests = 10,
  kInternal = 11,
  kUnavailable = 12,
  kDeadline = 13,
  kPreconditionFailed = 14,
};

enum class Reason : std::uint8_t {
  kUnspecified = 0,
  kInvalidField = 1,
  kMalformedRequest = 2,
  kMalformedJson = 3,
  kUnknownRoute = 4,
  kNoToken = 5,
  kBadToken = 6,
  kTokenExpired = 7,
  kRoleMissing = 8,
  kNotFound = 9,
  kBodyTooLarge = 10,
  kIdempotencyKeyReused = 11,
  kRequestInProgress = 12,
  kServiceUnavailable = 13,
  kOverloaded = 14,
  kDeadlineExceeded = 15,
  kInternal = 16,
  kWrongCredentials = 17,
  kAlreadyExists = 18,
  kWrongState = 19,
  kPeriodLocked = 20,
  kPeriodNotReady = 21,
  kSamePerson = 22,
  kRuleBroken = 23,
  kWrongMediaType = 24,
  kTooManyAttempts = 25,
  kTokenReused = 26,
  kVersionMismatch = 27,
};

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
// A rule of the business refuses it; `rule` is its id (422).
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
