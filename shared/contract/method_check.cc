// What must hold of the table of rpcs before a process may start on it.

#include <algorithm>
#include <map>
#include <set>

#include "shared/contract/method.h"

namespace renxin::contract {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

using Problems = std::vector<std::string>;

std::string Where(const MethodInfo& method) { return method.service + "/" + method.name() + ": "; }

// `POST /v1/things/{}:close`: two templates with the same shape catch the same paths.
std::string Shape(const MethodInfo& method) {
  std::string shape(HttpVerb(method.http));
  shape += ' ';
  bool inside = false;
  for (const char c : HttpPattern(method.http)) {
    inside = c == '{' || (inside && c != '}');
    if (!inside) {
      shape += c == '}' ? "{}" : std::string(1, c);
    }
  }
  return shape;
}

std::vector<std::string> Variables(const std::string& pattern) {
  std::vector<std::string> names;
  for (std::size_t open = pattern.find('{'); open != std::string::npos; open = pattern.find('{', open + 1)) {
    const std::size_t close = pattern.find('}', open);
    names.push_back(pattern.substr(open + 1, close == std::string::npos ? close : close - open - 1));
  }
  return names;
}

bool IsSingularString(const Descriptor* message, const std::string& name) {
  const auto* field = message->FindFieldByName(name);
  return field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING;
}

void CheckUpload(const MethodInfo& method, Problems* problems) {
  const auto& upload = method.http.upload();
  const auto* service = method.descriptor->service();
  const auto* chunk = service->FindMethodByName(upload.chunk());
  const auto* finish = service->FindMethodByName(upload.finish());
  if (chunk == nullptr || chunk->input_type()->full_name() != "renxin.common.v1.Chunk") {
    problems->push_back(Where(method) + "upload.chunk must name an rpc of the same service that takes renxin.common.v1.Chunk");
  }
  if (finish == nullptr || finish->input_type()->full_name() != "renxin.common.v1.UploadRef") {
    problems->push_back(Where(method) + "upload.finish must name an rpc of the same service that takes renxin.common.v1.UploadRef");
  }
  if (!IsSingularString(method.descriptor->output_type(), "upload_id")) {
    problems->push_back(Where(method) + "the reply to the begin of an upload must have a string upload_id");
  }
  if (HttpVerb(method.http) != "POST") {
    problems->push_back(Where(method) + "an upload is a POST");
  }
}

void CheckDownload(const MethodInfo& method, Problems* problems) {
  if (method.descriptor->output_type()->full_name() != "renxin.common.v1.BytesPage") {
    problems->push_back(Where(method) + "a download answers with renxin.common.v1.BytesPage");
  }
  if (!IsSingularString(method.descriptor->input_type(), "page_token")) {
    problems->push_back(Where(method) + "the request of a download must have a string page_token");
  }
  if (HttpVerb(method.http) != "GET") {
    problems->push_back(Where(method) + "a download is a GET");
  }
}

void CheckRoute(const MethodInfo& method, Problems* problems) {
  const auto* input = method.descriptor->input_type();
  if (!HttpPattern(method.http).starts_with('/')) {
    problems->push_back(Where(method) + "a path template starts with '/'");
  }
  for (const auto& name : Variables(HttpPattern(method.http))) {
    const auto* field = input->FindFieldByName(name);
    if (field == nullptr || field->is_repeated() || field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      problems->push_back(Where(method) + "path field {" + name + "} is no scalar field of the request");
    }
  }
  if (method.http.has_dispatch() && !IsSingularString(input, method.http.dispatch().field())) {
    problems->push_back(Where(method) + "dispatch.field must be a string field of the request");
  }
  const auto* version = method.descriptor->output_type()->FindFieldByName("version");
  if (method.http.if_match() && (HttpVerb(method.http) == "GET" || method.http.has_upload() || version == nullptr ||
                                 version->is_repeated() || version->type() != FieldDescriptor::TYPE_INT64)) {
    problems->push_back(Where(method) + "if_match stands on a command whose reply has an int64 version");
  }
  if (method.http.replay_seconds() < 0 || (method.http.replay_seconds() > 0 && HttpVerb(method.http) == "GET")) {
    problems->push_back(Where(method) + "replay_seconds is a positive number of seconds on a command");
  }
  if (method.http.has_upload()) {
    CheckUpload(method, problems);
  }
  if (method.http.has_download()) {
    CheckDownload(method, problems);
  }
}

void CheckAccess(const MethodInfo& method, Problems* problems) {
  const auto& access = method.access;
  if (!method.has_access || (access.roles().empty() && access.callers().empty() && !access.anonymous() && !access.signing_keys())) {
    problems->push_back(Where(method) + "has no access: name roles, callers or anonymous");
  }
  if (method.kind == MethodKind::kRoute && access.callers_size() > 0) {
    problems->push_back(Where(method) + "has both a route and callers");
  }
  if (access.anonymous() && access.roles_size() > 0) {
    problems->push_back(Where(method) + "is anonymous and names roles");
  }
  if (!access.attempts_by().empty()) {
    const auto* field = method.descriptor->input_type()->FindFieldByName(access.attempts_by());
    if (!access.anonymous() || field == nullptr || field->is_repeated() || field->type() != google::protobuf::FieldDescriptor::TYPE_STRING) {
      problems->push_back(Where(method) + "attempts_by is for a string of an anonymous request");
    }
  }
}

// Rpcs of one verb and shape: fine only if it is one contract whose dispatch tells the hosts apart.
void CheckShared(const std::string& shape, const std::vector<const MethodInfo*>& sharing, Problems* problems) {
  const MethodInfo& first = *sharing.front();
  std::set<std::string> seen;
  for (const MethodInfo* method : sharing) {
    if (method->descriptor != first.descriptor || !method->http.has_dispatch()) {
      problems->push_back(shape + " is claimed by " + first.service + "/" + first.name() + " and " + method->service + "/" +
                          method->name());
      return;
    }
    const bool by_prefix = method->http.dispatch().by_prefix();
    if (!by_prefix && method->hosted_values.empty()) {
      problems->push_back(Where(*method) + "hosts a contract but declares no values for its dispatch");
    }
    for (const auto& key : by_prefix ? std::vector{method->service} : method->hosted_values) {
      if (!seen.insert(key).second) {
        problems->push_back(shape + " is answered by two services for '" + key + "'");
      }
    }
  }
}

}  // namespace

std::vector<std::string> CheckMethods(const std::vector<MethodInfo>& methods) {
  Problems problems;
  std::map<std::string, std::vector<const MethodInfo*>> shapes;
  for (const auto& method : methods) {
    CheckAccess(method, &problems);
    if (method.kind == MethodKind::kRoute) {
      CheckRoute(method, &problems);
      shapes[Shape(method)].push_back(&method);
    }
  }
  for (const auto& [shape, sharing] : shapes) {
    if (sharing.size() > 1) {
      CheckShared(shape, sharing, &problems);
    }
  }
  const auto keys = std::count_if(methods.begin(), methods.end(), [](const MethodInfo& m) { return m.access.signing_keys(); });
  if (keys > 1) {
    problems.emplace_back("several rpcs carry signing_keys");
  }
  return problems;
}

}  // namespace renxin::contract
