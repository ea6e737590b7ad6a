#include "shared/contract/error.h"

#include <array>

#include "renxin/common/v1/error.pb.h"

namespace renxin::contract {
namespace {

struct ReasonText {
  std::string_view slug;
  std::string_view title;
  std::string_view explanation;
};
#define RENXIN_REASON(enumerator, slug, title, explanation) {slug, title, explanation},
constexpr std::array<ReasonText, kReasonCount> kReasons{{
#include "shared/core/reasons.def"
}};
#undef RENXIN_REASON

struct CodeText {
  std::string_view name;
  int status;
};
#define RENXIN_CODE(enumerator, name, status) {name, status},
constexpr std::array<CodeText, kCodeCount> kCodes{{
#include "shared/core/codes.def"
}};
#undef RENXIN_CODE

template <std::size_t N, class T>
constexpr const T& At(const std::array<T, N>& table, std::size_t index, std::size_t fallback) {
  return table[index < N ? index : fallback];
}

// kUnspecified for one that this build does not know.
Reason ReasonOf(std::string_view slug) {
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    if (kReasons[i].slug == slug) return static_cast<Reason>(i);
  }
  return Reason::kUnspecified;
}

}  // namespace

common::v1::Error ToProto(const Error& error) {
  common::v1::Error out;
  out.set_code(std::string(CodeName(error.code)));
  out.set_reason(std::string(Slug(error.reason)));
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
  for (std::size_t i = 1; i < kCodes.size(); ++i) {
    if (kCodes[i].name != error.code()) continue;
    out.code = static_cast<Code>(i);
    out.reason = ReasonOf(error.reason());
  }
  for (const auto& violation : error.errors()) {
    out.fields.push_back({violation.field(), violation.rule(), violation.message()});
  }
  return out;
}

int HttpStatus(Code code) { return At(kCodes, static_cast<std::size_t>(code), static_cast<std::size_t>(Code::kInternal)).status; }
std::string_view Slug(Reason reason) { return At(kReasons, static_cast<std::size_t>(reason), 0).slug; }
std::string_view Title(Reason reason) { return At(kReasons, static_cast<std::size_t>(reason), 0).title; }
std::string_view Explanation(Reason reason) { return At(kReasons, static_cast<std::size_t>(reason), 0).explanation; }
std::string_view CodeName(Code code) { return At(kCodes, static_cast<std::size_t>(code), static_cast<std::size_t>(Code::kInternal)).name; }

}  // namespace renxin::contract
