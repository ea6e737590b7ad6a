#pragma once
// The rpcs of the contract as a table, with the subject each is asked on.

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

#include "renxin/options/v1/access.pb.h"
#include "renxin/options/v1/http.pb.h"
#include "shared/contract/descriptors.h"

namespace renxin::contract {

enum class MethodKind {
  kRoute,     // has an HTTP rule; the gateway asks it for a client
  kInternal,  // called by other services, named in access.callers
  kPlain,     // the gateway asks it on its own account: the pieces of an upload, the signing keys
};

// One rpc of one service. A contract that several services host appears once per host.
struct MethodInfo {
  std::string service;        // `leads`, from package renxin.leads.v1; the host of a hosted contract
  std::string version;        // `v1`
  std::string proto_service;  // `LeadService`
  std::string method;         // `AssignLead`
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  options::v1::HttpRule http;  // no pattern: not reachable over HTTP
  options::v1::Access access;
  bool has_access = false;
  MethodKind kind = MethodKind::kPlain;
  bool hosted = false;
  std::vector<std::string> hosted_values;  // values of the dispatch field that this host answers

  // `LeadService.AssignLead`, the name under which a service registers its handler.
  std::string name() const { return proto_service + "." + method; }
};

// All rpcs of the set in the order of files, hosted contracts expanded; a contract that nobody hosts and
// whose package is no service's own is listed under its own package.
std::vector<MethodInfo> AllMethods(const DescriptorSet& set);
// Those that `service` has to answer.
std::vector<MethodInfo> MethodsOf(const DescriptorSet& set, std::string_view service);

// rpc.renxin.<service>.v1.<ProtoService>.<Method>: asked by the gateway alone.
std::string RpcSubject(const MethodInfo& method);
// int.renxin.<service>.v1.<ProtoService>.<Method>: asked by the services named in access.callers.
std::string InternalSubject(const MethodInfo& method);
// The one of the two that the method is asked on.
std::string SubjectOf(const MethodInfo& method);

// GET, POST …; empty without a pattern.
std::string_view HttpVerb(const options::v1::HttpRule& rule);
// The path template; empty without a pattern.
const std::string& HttpPattern(const options::v1::HttpRule& rule);

// What is wrong with the table, one sentence each; empty when it is sound: an rpc without access, one with
// both a route and callers, routes that cannot be told apart, options that name what does not exist.
std::vector<std::string> CheckMethods(const std::vector<MethodInfo>& methods);

}  // namespace renxin::contract
