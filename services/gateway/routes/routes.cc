#include "services/gateway/routes/routes.h"

#include <algorithm>
#include <stdexcept>

#include "shared/core/text.h"

namespace renxin::gateway {
namespace {

std::string DispatchValue(const google::protobuf::Message& request, const std::string& field) {
  const auto* descriptor = request.GetDescriptor()->FindFieldByName(field);
  return request.GetReflection()->GetString(request, descriptor);
}

}  // namespace

Result<const contract::MethodInfo*> Endpoint::Select(const google::protobuf::Message& request) const {
  if (!info().http.has_dispatch()) {
    return &info();
  }
  const auto& dispatch = info().http.dispatch();
  const std::string value = DispatchValue(request, dispatch.field());
  if (dispatch.by_prefix()) {
    const std::string service = value.substr(0, std::min(value.find('.'), value.size()));
    for (const auto& host : hosts) {
      if (host.service == service) {
        return &host;
      }
    }
    return NotFound(dispatch.field());
  }
  std::vector<std::string> allowed;
  for (const auto& host : hosts) {
    if (std::find(host.hosted_values.begin(), host.hosted_values.end(), value) != host.hosted_values.end()) {
      return &host;
    }
    allowed.insert(allowed.end(), host.hosted_values.begin(), host.hosted_values.end());
  }
  std::sort(allowed.begin(), allowed.end());
  return InvalidField(dispatch.field(), "in", "must be one of " + Join(allowed, ", "));
}

Routes::Routes(const contract::DescriptorSet& set) : methods_(contract::AllMethods(set)) {
  const auto problems = contract::CheckMethods(methods_);
  if (!problems.empty()) {
    throw std::runtime_error("the contract is not sound:\n  " + Join(problems, "\n  "));
  }
  for (const auto& method : methods_) {
    if (method.kind != contract::MethodKind::kRoute) {
      continue;
    }
    const auto shared = std::find_if(endpoints_.begin(), endpoints_.end(),
                                     [&](const Endpoint& endpoint) { return endpoint.info().descriptor == method.descriptor; });
    if (shared != endpoints_.end()) {
      shared->hosts.push_back(method);
      continue;
    }
    const auto verb = contract::HttpVerb(method.http);
    const auto& pattern = contract::HttpPattern(method.http);
    table_.Add(verb, pattern, static_cast<int>(endpoints_.size()));
    endpoints_.push_back({std::string(verb), pattern, {method}});
  }
}

Result<Routes::Found> Routes::Find(std::string_view method, std::string_view raw_path, std::string* allow) const {
  ASSIGN_OR_RETURN(const http::RequestPath path, http::ParsePath(raw_path));
  http::Match match = table_.Find(method, path);
  switch (match.outcome) {
    case http::Match::Outcome::kFound:
      return Found{&endpoints_[static_cast<std::size_t>(match.route)], std::move(match.variables)};
    case http::Match::Outcome::kNoMethod:
      *allow = Join(match.allowed, ", ");
      return Error{
          .code = Code::kMethodNotAllowed, .reason = Reason::kUnknownRoute, .message = "the path has no such method; it has " + *allow};
    case http::Match::Outcome::kNoPath:
      break;
  }
  return Error{.code = Code::kNotFound, .reason = Reason::kUnknownRoute, .message = "there is no such path"};
}

const contract::MethodInfo& Routes::SigningKeys() const {
  for (const auto& method : methods_) {
    if (method.access.signing_keys()) {
      return method;
    }
  }
  throw std::runtime_error("no rpc of the contract carries signing_keys: no token could be checked");
}

const contract::MethodInfo& Routes::Sibling(const contract::MethodInfo& method, std::string_view name) const {
  for (const auto& other : methods_) {
    if (other.service == method.service && other.proto_service == method.proto_service && other.method == name) {
      return other;
    }
  }
  throw std::runtime_error(method.name() + " has no sibling " + std::string(name));  // CheckMethods has looked
}

}  // namespace renxin::gateway
