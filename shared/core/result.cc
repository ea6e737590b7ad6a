#include "shared/core/result.h"

namespace renxin {

Error InvalidField(std::string_view field, std::string_view rule, std::string_view message) {
  Error error{.code = Code::kInvalidArgument, .reason = Reason::kInvalidField, .message = std::string(field) + ": " + std::string(message)};
  error.fields.push_back({std::string(field), std::string(rule), std::string(message)});
  return error;
}

Error NotFound(std::string_view what) {
  return {.code = Code::kNotFound, .reason = Reason::kNotFound, .message = std::string(what) + " not found"};
}

Error WrongState(std::string_view message) {
  return {.code = Code::kConflict, .reason = Reason::kWrongState, .message = std::string(message)};
}

Error RuleBroken(std::string_view field, std::string_view rule, std::string_view message) {
  Error error{.code = Code::kInvalidArgument, .reason = Reason::kRuleBroken, .message = std::string(rule) + ": " + std::string(message)};
  error.fields.push_back({std::string(field), std::string(rule), std::string(message)});
  return error;
}

}  // namespace renxin
