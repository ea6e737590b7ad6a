#include "shared/contract/method.h"

#include <map>
#include <stdexcept>

#include "shared/core/text.h"

namespace renxin::contract {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;
using options::v1::HttpRule;

struct Package {
  std::string service;
  std::string version;
};

// renxin.<service>.<version>
Package SplitPackage(const FileDescriptor* file) {
  const auto parts = SplitText(file->package(), '.');
  if (parts.size() != 3 || parts[0] != "renxin") {
    throw std::runtime_error(file->name() + ": a package with services is called renxin.<service>.<version>");
  }
  return {parts[1], parts[2]};
}

struct Host {
  std::string service;
  std::vector<std::string> values;
};

using Hosts = std::multimap<std::string, Host>;

Hosts FindHosts(const DescriptorSet& set) {
  Hosts hosts;
  for (const auto* file : set.files) {
    const auto& options = file->options();
    for (int i = 0; i < options.ExtensionSize(options::v1::hosts); ++i) {
      const auto& hosted = options.GetExtension(options::v1::hosts, i);
      if (set.pool->FindServiceByName(hosted.contract()) == nullptr) {
        throw std::runtime_error(file->name() + " hosts the unknown contract " + hosted.contract());
      }
      hosts.emplace(hosted.contract(), Host{SplitPackage(file).service, {hosted.values().begin(), hosted.values().end()}});
    }
  }
  return hosts;
}

MethodKind KindOf(const MethodInfo& info) {
  if (info.http.pattern_case() != HttpRule::PATTERN_NOT_SET) {
    return MethodKind::kRoute;
  }
  return info.access.callers_size() > 0 ? MethodKind::kInternal : MethodKind::kPlain;
}

void AppendService(const ServiceDescriptor* service, const Host& host, bool hosted, std::vector<MethodInfo>* out) {
  const Package package = SplitPackage(service->file());
  for (int i = 0; i < service->method_count(); ++i) {
    const auto* method = service->method(i);
    MethodInfo info;
    info.service = host.service;
    info.version = package.version;
    info.proto_service = service->name();
    info.method = method->name();
    info.descriptor = method;
    info.http = Option(method, options::v1::http);
    info.access = Option(method, options::v1::access);
    info.has_access = HasOption(method, options::v1::access);
    info.kind = KindOf(info);
    info.hosted = hosted;
    info.hosted_values = host.values;
    out->push_back(std::move(info));
  }
}

std::string Subject(std::string_view prefix, const MethodInfo& method) {
  return std::string(prefix) + ".renxin." + method.service + "." + method.version + "." + method.proto_service + "." + method.method;
}

}  // namespace

std::vector<MethodInfo> AllMethods(const DescriptorSet& set) {
  const Hosts hosts = FindHosts(set);
  std::vector<MethodInfo> methods;
  for (const auto* file : set.files) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto* service = file->service(i);
      const auto [first, last] = hosts.equal_range(service->full_name());
      if (first == last) {
        AppendService(service, {SplitPackage(file).service, {}}, false, &methods);
      }
      for (auto host = first; host != last; ++host) {
        AppendService(service, host->second, true, &methods);
      }
    }
  }
  return methods;
}

std::vector<MethodInfo> MethodsOf(const DescriptorSet& set, std::string_view service) {
  auto methods = AllMethods(set);
  std::erase_if(methods, [&](const MethodInfo& method) { return method.service != service; });
  return methods;
}

std::string RpcSubject(const MethodInfo& method) { return Subject("rpc", method); }
std::string InternalSubject(const MethodInfo& method) { return Subject("int", method); }
std::string SubjectOf(const MethodInfo& method) {
  return method.kind == MethodKind::kInternal ? InternalSubject(method) : RpcSubject(method);
}

std::string_view HttpVerb(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return "GET";
    case HttpRule::kPost:
      return "POST";
    case HttpRule::kPut:
      return "PUT";
    case HttpRule::kPatch:
      return "PATCH";
    case HttpRule::kDelete:
      return "DELETE";
    default:
      return "";
  }
}

const std::string& HttpPattern(const HttpRule& rule) {
  static const std::string kNone;
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return rule.get();
    case HttpRule::kPost:
      return rule.post();
    case HttpRule::kPut:
      return rule.put();
    case HttpRule::kPatch:
      return rule.patch();
    case HttpRule::kDelete:
      return rule.delete_();
    default:
      return kNone;
  }
}

}  // namespace renxin::contract
