#include "shared/contract/error.h"

#include <array>

namespace renxin::contract {
namespace {

static_assert(static_cast<int>(Code::kOk) == common::v1::CODE_OK);
static_assert(static_cast<int>(Code::kInvalidArgument) == common::v1::CODE_INVALID_ARGUMENT);
static_assert(static_cast<int>(Code::kUnauthenticated) == common::v1::CODE_UNAUTHENTICATED);
static_assert(static_cast<int>(Code::kPermissionDenied) == common::v1::CODE_PERMISSION_DENIED);
static_assert(static_cast<int>(Code::kNotFound) == common::v1::CODE_NOT_FOUND);
static_assert(static_cast<int>(Code::kMethodNotAllowed) == common::v1::CODE_METHOD_NOT_ALLOWED);
static_assert(static_cast<int>(Code::kConflict) == common::v1::CODE_CONFLICT);
static_assert(static_cast<int>(Code::kTooLarge) == common::v1::CODE_TOO_LARGE);
static_assert(static_cast<int>(Code::kUnsupportedMedia) == common::v1::CODE_UNSUPPORTED_MEDIA);
static_assert(static_cast<int>(Code::kUnprocessable) == common::v1::CODE_UNPROCESSABLE);
static_assert(static_cast<int>(Code::kTooManyRequests) == common::v1::CODE_TOO_MANY_REQUESTS);
static_assert(static_cast<int>(Code::kInternal) == common::v1::CODE_INTERNAL);
static_assert(static_cast<int>(Code::kUnavailable) == common::v1::CODE_UNAVAILABLE);
static_assert(static_cast<int>(Code::kDeadline) == common::v1::CODE_DEADLINE);
static_assert(static_cast<int>(Code::kPreconditionFailed) == common::v1::CODE_PRECONDITION_FAILED);
static_assert(static_cast<int>(Code::kPreconditionFailed) == common::v1::Code_MAX && kCodeCount == common::v1::Code_ARRAYSIZE);

static_assert(static_cast<int>(Reason::kUnspecified) == common::v1::REASON_UNSPECIFIED);
static_assert(static_cast<int>(Reason::kInvalidField) == common::v1::REASON_INVALID_FIELD);
static_assert(static_cast<int>(Reason::kMalformedRequest) == common::v1::REASON_MALFORMED_REQUEST);
static_assert(static_cast<int>(Reason::kMalformedJson) == common::v1::REASON_MALFORMED_JSON);
static_assert(static_cast<int>(Reason::kUnknownRoute) == common::v1::REASON_UNKNOWN_ROUTE);
static_assert(static_cast<int>(Reason::kNoToken) == common::v1::REASON_NO_TOKEN);
static_assert(static_cast<int>(Reason::kBadToken) == common::v1::REASON_BAD_TOKEN);
static_assert(static_cast<int>(Reason::kTokenExpired) == common::v1::REASON_TOKEN_EXPIRED);
static_assert(static_cast<int>(Reason::kRoleMissing) == common::v1::REASON_ROLE_MISSING);
static_assert(static_cast<int>(Reason::kNotFound) == common::v1::REASON_NOT_FOUND);
static_assert(static_cast<int>(Reason::kBodyTooLarge) == common::v1::REASON_BODY_TOO_LARGE);
static_assert(static_cast<int>(Reason::kIdempotencyKeyReused) == common::v1::REASON_IDEMPOTENCY_KEY_REUSED);
static_assert(static_cast<int>(Reason::kRequestInProgress) == common::v1::REASON_REQUEST_IN_PROGRESS);
static_assert(static_cast<int>(Reason::kServiceUnavailable) == common::v1::REASON_SERVICE_UNAVAILABLE);
static_assert(static_cast<int>(Reason::kOverloaded) == common::v1::REASON_OVERLOADED);
static_assert(static_cast<int>(Reason::kDeadlineExceeded) == common::v1::REASON_DEADLINE_EXCEEDED);
static_assert(static_cast<int>(Reason::kInternal) == common::v1::REASON_INTERNAL);
static_assert(static_cast<int>(Reason::kWrongCredentials) == common::v1::REASON_WRONG_CREDENTIALS);
static_assert(static_cast<int>(Reason::kAlreadyExists) == common::v1::REASON_ALREADY_EXISTS);
static_assert(static_cast<int>(Reason::kWrongState) == common::v1::REASON_WRONG_STATE);
static_assert(static_cast<int>(Reason::kPeriodLocked) == common::v1::REASON_PERIOD_LOCKED);
static_assert(static_cast<int>(Reason::kPeriodNotReady) == common::v1::REASON_PERIOD_NOT_READY);
static_assert(static_cast<int>(Reason::kSamePerson) == common::v1::REASON_SAME_PERSON);
static_assert(static_cast<int>(Reason::kRuleBroken) == common::v1::REASON_RULE_BROKEN);
static_assert(static_cast<int>(Reason::kWrongMediaType) == common::v1::REASON_WRONG_MEDIA_TYPE);
static_assert(static_cast<int>(Reason::kTooManyAttempts) == common::v1::REASON_TOO_MANY_ATTEMPTS);
static_assert(static_cast<int>(Reason::kTokenReused) == common::v1::REASON_TOKEN_REUSED);
static_assert(static_cast<int>(Reason::kVersionMismatch) == common::v1::REASON_VERSION_MISMATCH);
static_assert(static_cast<int>(Reason::kVersionMismatch) == common::v1::Reason_MAX && kReasonCount == common::v1::Reason_ARRAYSIZE);

struct ReasonText {
  std::string_view slug;
  std::string_view title;
  std::string_view explanation;
};

constexpr std::array<ReasonText, kReasonCount> kReasons{{
    {"unspecified", "Unspecified", "The service gave no reason."},
    {"invalid-field", "A field of the request is wrong",
     "`errors` names each field, the rule it breaks and how. Correct them and send again."},
    {"malformed-request", "The request is malformed",
     "The request breaks a rule of HTTP or of this interface; the connection may have been closed."},
    {"malformed-json", "The body is not strict JSON",
     "The body must be one JSON object: UTF-8, no duplicate keys, no trailing commas, integers within 64 bits, at most 32 levels deep."},
    {"unknown-route", "No such route", "The path, or the method on that path, is not part of the interface. See /openapi.json."},
    {"no-token", "A token is needed", "Send `Authorization: Bearer <access token>`."},
    {"bad-token", "The token is not valid", "The token was not issued for this suite or was altered. Sign in again."},
    {"token-expired", "The token has expired", "Refresh the session or sign in again."},
    {"role-missing", "Your roles do not allow this", "None of your roles may do this. An administrator can give you one that may."},
    {"not-found", "Not found", "There is no such record, or you may not know of it."},
    {"body-too-large", "The body is too large", "Send less at once, or use an upload."},
    {"idempotency-key-reused", "The idempotency key was used for another request",
     "The same key came with another body. Use a new key for a new request and the same body for a retry."},
    {"request-in-progress", "The same request is still being carried out",
     "An equal request with this key has not ended yet. Send it again later."},
    {"service-unavailable", "The service is not available",
     "Nobody can answer at the moment. Wait as `Retry-After` says and send it again with the same key."},
    {"overloaded", "Too many requests wait already", "A queue is full. Wait as `Retry-After` says and send it again with the same key."},
    {"deadline-exceeded", "No answer came in time",
     "The request may or may not have been carried out. Send it again with the same idempotency key to learn which."},
    {"internal", "Something went wrong on our side", "The failure is recorded under the trace id."},
    {"wrong-credentials", "User name or password is wrong", "Try again; repeated failures slow the account down."},
    {"already-exists", "It exists already", "A record with the same key is there."},
    {"wrong-state", "The record's state does not allow this", "Read the record again to see its state."},
    {"period-locked", "The period is locked", "A locked period is not changed any more; corrections go into a later one."},
    {"period-not-ready", "The period is not ready", "Something that the period needs is still open."},
    {"same-person", "Two different people must do this", "Who prepared it may not also approve it."},
    {"rule-broken", "A rule of the house refuses this", "`errors` names the rule."},
    {"wrong-media-type", "The content type is not supported", "Send `application/json`, or `multipart/form-data` to an upload."},
    {"too-many-attempts", "Too many attempts", "Wait as `Retry-After` says."},
    {"token-reused", "The refresh token was used before",
     "A refresh token serves once. Because this one came a second time, every token of that sign-in has ended: sign in again."},
    {"version-mismatch", "The record has changed meanwhile",
     "`If-Match` names another version than the record has now; `detail` names the current one. Read the record again and decide anew."},
}};

constexpr std::array<int, kCodeCount> kStatus{200, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 504, 412};
constexpr std::array<std::string_view, kCodeCount> kCodeNames{
    "OK",          "INVALID_ARGUMENT", "UNAUTHENTICATED",    "PERMISSION_DENIED", "NOT_FOUND",         "METHOD_NOT_ALLOWED",
    "CONFLICT",    "TOO_LARGE",        "UNSUPPORTED_MEDIA",  "UNPROCESSABLE",     "TOO_MANY_REQUESTS", "INTERNAL",
    "UNAVAILABLE", "DEADLINE",         "PRECONDITION_FAILED"};

template <std::size_t N, class T>
constexpr const T& At(const std::array<T, N>& table, std::size_t index, std::size_t fallback) {
  return table[index < N ? index : fallback];
}

}  // namespace

common::v1::Error ToProto(const Error& error) {
  common::v1::Error out;
  out.set_code(static_cast<common::v1::Code>(error.code));
  out.set_reason(static_cast<common::v1::Reason>(error.reason));
  out.set_message(error.message);
  for (const auto& field : error.fields) {
    auto* violation = out.add_errors();
    violation->set_field(field.field);
    violation->set_rule(field.rule);
    violation->set_message(field.message);
  }
  out.set_retry_after_ms(error.retry_after_ms);
  return out;
}

Error FromProto(const common::v1::Error& error) {
  Error out{.message = error.message(), .retry_after_ms = error.retry_after_ms()};
  if (common::v1::Code_IsValid(error.code()) && error.code() != common::v1::CODE_OK) {
    out.code = static_cast<Code>(error.code());
    out.reason = common::v1::Reason_IsValid(error.reason()) ? static_cast<Reason>(error.reason()) : Reason::kUnspecified;
  }
  for (const auto& violation : error.errors()) {
    out.fields.push_back({violation.field(), violation.rule(), violation.message()});
  }
  return out;
}

int HttpStatus(Code code) { return At(kStatus, static_cast<std::size_t>(code), static_cast<std::size_t>(Code::kInternal)); }
std::string_view Slug(Reason reason) { return At(kReasons, static_cast<std::size_t>(reason), 0).slug; }
std::string_view Title(Reason reason) { return At(kReasons, static_cast<std::size_t>(reason), 0).title; }
std::string_view Explanation(Reason reason) { return At(kReasons, static_cast<std::size_t>(reason), 0).explanation; }
std::string_view CodeName(Code code) { return At(kCodeNames, static_cast<std::size_t>(code), static_cast<std::size_t>(Code::kInternal)); }

}  // namespace renxin::contract
