#include "shared/http/problem.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "shared/contract/error.h"

namespace renxin::http {

Error Malformed(std::string_view message) {
  return {.code = Code::kInvalidArgument, .reason = Reason::kMalformedRequest, .message = std::string(message)};
}

std::string ProblemBody(const Error& error, std::string_view instance, std::string_view trace_id) {
  namespace json = boost::json;
  json::array errors;
  for (const auto& field : error.fields) {
    errors.push_back({{"field", field.field}, {"rule", field.rule}, {"message", field.message}});
  }
  const auto slug = contract::Slug(error.reason);
  json::object body;
  body["type"] = "/problems/" + std::string(slug);
  body["title"] = contract::Title(error.reason);
  body["status"] = contract::HttpStatus(error.code);
  body["detail"] = error.message;
  body["instance"] = instance.empty() ? "urn:renxin:trace:" + std::string(trace_id) : std::string(instance);
  body["code"] = contract::CodeName(error.code);
  body["reason"] = slug;
  body["errors"] = std::move(errors);
  body["trace_id"] = trace_id;
  return json::serialize(body);
}

std::string ProblemPage(std::string_view slug) {
  for (int i = 0; i < contract::kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (contract::Slug(reason) == slug) {
      return std::string(contract::Title(reason)) + "\n\n" + std::string(contract::Explanation(reason)) + "\n";
    }
  }
  return "";
}

}  // namespace renxin::http
