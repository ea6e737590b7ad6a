#include "services/gateway/openapi/openapi.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "services/gateway/condition/condition.h"
#include "services/gateway/openapi/schema.h"
#include "shared/contract/error.h"
#include "shared/core/text.h"
#include "shared/http/problem.h"

namespace renxin::gateway {
namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;

// What each status means to a client; an operation lists those it can answer with.
constexpr std::pair<const char*, const char*> kRefusals[] = {
    {"400",
     "The request is malformed, `errors` names the field or the rule of the business that refuses it, or the idempotency key was used for "
     "another request"},
    {"401", "The token is missing, expired or not of this suite"},
    {"403", "None of the caller's roles may do this"},
    {"404", "There is no such record, or the caller may not know of it"},
    {"409", "The state of a record, which the caller can read, does not allow it"},
    {"412", "The record has another version than `If-Match` names"},
    {"413", "The body is too large"},
    {"415", "The body is of another media type"},
};

// Names of Protobuf services as tags and in operation ids. A name that two packages use bears its package in front.
class ServiceNames {
 public:
  explicit ServiceNames(const Routes& routes) {
    for (const auto& endpoint : routes.endpoints()) {
      const auto* service = endpoint.info().descriptor->service();
      packages_[service->name()].insert(service->file()->package());
    }
  }
  std::string Of(const Endpoint& endpoint) const {
    const std::string& name = endpoint.info().proto_service;
    return packages_.at(name).size() == 1 ? name : endpoint.info().service + "_" + name;
  }

 private:
  std::map<std::string, std::set<std::string>> packages_;
};

bool InPath(const Endpoint& endpoint, const std::string& field) {
  return endpoint.path_template.find("{" + field + "}") != std::string::npos;
}

bool HasBody(const Endpoint& endpoint) { return endpoint.method != "GET" && endpoint.method != "DELETE"; }

json::object Parameter(const FieldDescriptor* field, const char* place, Schemas* schemas) {
  json::object parameter{{"name", field->name()}, {"in", place}, {"required", std::string_view(place) == "path"}};
  json::object schema = schemas->Field(field);
  if (schema.contains("description")) {
    parameter["description"] = schema["description"];
    schema.erase("description");
  }
  parameter["schema"] = std::move(schema);
  return parameter;
}

bool AnswersWithETag(const Endpoint& endpoint) {
  return endpoint.method == "GET" && !endpoint.info().http.has_download() && VersionField(endpoint.output()) != nullptr;
}

json::array Parameters(const Endpoint& endpoint, Schemas* schemas) {
  json::array parameters;
  for (int i = 0; i < endpoint.input()->field_count(); ++i) {
    const auto* field = endpoint.input()->field(i);
    if (InPath(endpoint, field->name())) {
      parameters.push_back(Parameter(field, "path", schemas));
    } else if (!HasBody(endpoint) && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      parameters.push_back(Parameter(field, "query", schemas));
    }
  }
  if (endpoint.method != "GET") {
    parameters.emplace_back(json::object{{"$ref", "#/components/parameters/IdempotencyKey"}});
  }
  if (endpoint.info().http.if_match()) {
    parameters.emplace_back(json::object{{"$ref", "#/components/parameters/IfMatch"}});
  }
  if (AnswersWithETag(endpoint)) {
    parameters.emplace_back(json::object{{"$ref", "#/components/parameters/IfNoneMatch"}});
  }
  parameters.emplace_back(json::object{{"$ref", "#/components/parameters/TimeoutMs"}});
  return parameters;
}

json::object Content(std::string_view type, json::object schema) {
  json::object media;
  media["schema"] = std::move(schema);
  json::object content;
  content[type] = std::move(media);
  return content;
}

json::object RequestBody(const Endpoint& endpoint, Schemas* schemas) {
  if (!endpoint.info().http.has_upload()) {
    return {{"content", Content("application/json", schemas->Reference(endpoint.input()))}};
  }
  json::object form = schemas->Inline(endpoint.input());
  form["properties"].as_object()["file"] = {{"type", "string"}, {"contentMediaType", "application/octet-stream"}};
  form["description"] = "The fields come first; the file is the last part.";
  return {{"required", true}, {"content", Content("multipart/form-data", std::move(form))}};
}

std::set<std::string> RefusalsOf(const Endpoint& endpoint) {
  std::set<std::string> statuses{"400"};
  if (!endpoint.anonymous()) {
    statuses.insert({"401", "403"});
  }
  if (endpoint.path_template.find('{') != std::string::npos) {
    statuses.insert("404");
  }
  if (endpoint.method != "GET") {
    statuses.insert("409");
  }
  if (HasBody(endpoint)) {
    statuses.insert({"413", "415"});
  }
  if (endpoint.info().http.if_match()) {
    statuses.insert("412");
  }
  return statuses;
}

json::object Responses(const Endpoint& endpoint, Schemas* schemas) {
  const auto& rule = endpoint.info().http;
  json::object success{{"description", "Success"}};
  const int status = rule.success_status() == 0 ? 200 : rule.success_status();
  if (rule.has_download()) {
    const std::string type = rule.download().content_type().empty() ? "application/octet-stream" : rule.download().content_type();
    success["content"] = Content(type, {{"type", "string"}});
  } else if (rule.has_upload()) {
    const auto* finish = endpoint.info().descriptor->service()->FindMethodByName(rule.upload().finish());
    success["content"] = Content("application/json", schemas->Reference(finish->output_type()));
  } else if (status != 204) {
    success["content"] = Content("application/json", schemas->Reference(endpoint.output()));
  }
  json::object responses;
  if (AnswersWithETag(endpoint)) {
    success["headers"] = {{"ETag", {{"description", "The record's version, quoted"}, {"schema", {{"type", "string"}}}}}};
    responses["304"] = {{"description", "`If-None-Match` names the version that the record has"}};
  }
  responses[std::to_string(status)] = std::move(success);
  for (const auto& refused : RefusalsOf(endpoint)) {
    responses[refused] = {{"$ref", "#/components/responses/Problem" + refused}};
  }
  responses["default"] = {{"$ref", "#/components/responses/Problem"}};
  return responses;
}

std::string RolesText(const Endpoint& endpoint) {
  if (endpoint.anonymous()) {
    return "No token needed.";
  }
  const auto& roles = endpoint.info().access.roles();
  if (std::find(roles.begin(), roles.end(), "*") != roles.end()) {
    return "Roles: everybody who is signed in.";
  }
  return "Roles: " + Join({roles.begin(), roles.end()}, ", ") + ".";
}

// The title, else the comment's first sentence without its full stop.
std::string Summary(const Endpoint& endpoint, const std::string& comment) {
  const auto& title = endpoint.info().http.title();
  std::string summary = !title.empty() ? title : comment.substr(0, std::min(comment.find(". "), comment.size()));
  if (summary.ends_with('.')) {
    summary.pop_back();
  }
  return summary;
}

template <class Texts>
json::array TextsOf(const Texts& texts) {
  json::array out;
  for (const auto& text : texts) {
    out.emplace_back(text);
  }
  return out;
}

json::object Operation(const Endpoint& endpoint, const std::string& service, Schemas* schemas) {
  const std::string comment = CommentOf(endpoint.info().descriptor);
  json::object operation{{"operationId", service + "_" + endpoint.info().method},
                         {"summary", Summary(endpoint, comment)},
                         {"description", comment + (comment.empty() ? "" : " ") + RolesText(endpoint)},
                         {"tags", json::array{json::string(service)}},
                         {"parameters", Parameters(endpoint, schemas)}};
  if (HasBody(endpoint)) {
    operation["requestBody"] = RequestBody(endpoint, schemas);
  }
  operation["responses"] = Responses(endpoint, schemas);
  if (endpoint.anonymous()) {
    operation["security"] = json::array{};
  } else {
    // Who may call it, who of them sees every row, and who those of their group; the others see their own.
    const auto& access = endpoint.info().access;
    operation["x-roles"] = TextsOf(access.roles());
    operation["x-sees-all"] = TextsOf(access.sees_all());
    operation["x-sees-group"] = TextsOf(access.sees_group());
  }
  return operation;
}

json::object ProblemSchema() {
  json::array reasons;
  for (int i = 1; i < contract::kReasonCount; ++i) {
    reasons.emplace_back(contract::Slug(static_cast<Reason>(i)));
  }
  const json::object text{{"type", "string"}};
  const json::object violation{{"type", "object"}, {"properties", {{"field", text}, {"rule", text}, {"message", text}}}};
  return {{"type", "object"},
          {"description", "RFC 9457 problem details."},
          {"required", {"type", "title", "status", "detail", "instance", "code", "reason", "errors", "trace_id"}},
          {"properties",
           {{"type", text},
            {"title", text},
            {"status", {{"type", "integer"}}},
            {"detail", text},
            {"instance", text},
            {"code", text},
            {"reason", {{"type", "string"}, {"enum", std::move(reasons)}}},
            {"errors", {{"type", "array"}, {"items", violation}}},
            {"trace_id", text}}}};
}

json::object SharedParameters() {
  json::object key{{"name", "Idempotency-Key"},
                   {"in", "header"},
                   {"required", false},
                   {"description",
                    "The same key with the same body acts once and is answered alike for 72 hours (tokens: 10 seconds). Another body under "
                    "the key: 400."},
                   {"schema", {{"type", "string"}, {"minLength", 1}, {"maxLength", 255}, {"pattern", "^[!-~]+$"}}}};
  json::object timeout{{"name", "Renxin-Timeout-Ms"},
                       {"in", "header"},
                       {"required", false},
                       {"description", "How long the caller waits, in milliseconds; may only shorten the gateway's own limit."},
                       {"schema", {{"type", "integer"}, {"minimum", 1}}}};
  json::object match{{"name", "If-Match"},
                     {"in", "header"},
                     {"required", false},
                     {"description",
                      "The version that was read, as ETag gave it, or *. Refused with 412 when the record has another. "
                      "A route without this parameter refuses the header with 400."},
                     {"schema", {{"type", "string"}, {"pattern", R"(^(\*|"[1-9][0-9]{0,17}")$)"}}}};
  json::object none{{"name", "If-None-Match"},
                    {"in", "header"},
                    {"required", false},
                    {"description", "Versions the caller has, as ETag gave them: 304 without a body when one is current."},
                    {"schema", {{"type", "string"}}}};
  return {{"IdempotencyKey", std::move(key)},
          {"TimeoutMs", std::move(timeout)},
          {"IfMatch", std::move(match)},
          {"IfNoneMatch", std::move(none)}};
}

json::object SharedResponses() {
  const json::object content = Content(http::kProblemType, {{"$ref", "#/components/schemas/Problem"}});
  json::object responses{{"Problem", {{"description", "A refusal or failure"}, {"content", content}}}};
  for (const auto& [status, description] : kRefusals) {
    responses[std::string("Problem") + status] = {{"description", description}, {"content", content}};
  }
  return responses;
}

json::array Tags(const std::map<std::string, std::string>& described) {
  json::array tags;
  for (const auto& [name, description] : described) {
    tags.emplace_back(json::object{{"name", name}, {"description", description}});
  }
  return tags;
}

json::object Info() {
  return {{"title", "Renxin"},
          {"version", "v1"},
          {"description", "64-bit integers are strings in answers and may be either in requests. Unknown fields are refused."},
          {"contact", {{"name", "The maintainers of Renxin"}}},
          {"license", {{"name", "All rights reserved"}, {"identifier", "LicenseRef-Proprietary"}}}};
}

}  // namespace

std::string OpenApiDocument(const Routes& routes) {
  Schemas schemas;
  const ServiceNames names(routes);
  std::map<std::string, std::string> tags;
  json::object paths;
  for (const auto& endpoint : routes.endpoints()) {
    const std::string service = names.Of(endpoint);
    tags[service] = CommentOf(endpoint.info().descriptor->service());
    auto& path = paths[endpoint.path_template];
    if (!path.is_object()) {
      path = json::object{};
    }
    path.as_object()[ToLowerAscii(endpoint.method)] = Operation(endpoint, service, &schemas);
  }
  json::object components;
  components["schemas"] = schemas.ReleaseComponents();
  components["schemas"].as_object()["Problem"] = ProblemSchema();
  components["parameters"] = SharedParameters();
  components["responses"] = SharedResponses();
  components["securitySchemes"] = {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}};
  json::object security{{"bearer", json::array{}}};
  json::object server{{"url", "/"}, {"description", "The gateway that this document came from"}};
  const json::object document{{"openapi", "3.1.0"},
                              {"info", Info()},
                              {"servers", json::array{std::move(server)}},
                              {"tags", Tags(tags)},
                              {"security", json::array{std::move(security)}},
                              {"paths", std::move(paths)},
                              {"components", std::move(components)}};
  return json::serialize(document);
}

}  // namespace renxin::gateway
