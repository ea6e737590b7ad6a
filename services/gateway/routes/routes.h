#pragma once
// The HTTP surface, read off the contract: which rpc a request means and which service answers it.

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "shared/contract/method.h"
#include "shared/core/result.h"
#include "shared/http/template.h"

namespace renxin::gateway {

// One rpc with a route. `hosts` has several entries only for a contract that several services answer.
struct Endpoint {
  std::string method;         // POST
  std::string path_template;  // /v1/things/{id}: what is logged, never the path itself
  std::vector<contract::MethodInfo> hosts;

  const contract::MethodInfo& info() const { return hosts.front(); }
  const google::protobuf::Descriptor* input() const { return info().descriptor->input_type(); }
  const google::protobuf::Descriptor* output() const { return info().descriptor->output_type(); }
  bool anonymous() const { return info().access.anonymous(); }

  // The service that answers this request, by its dispatch field: kInvalidArgument with the allowed values,
  // or kNotFound where a prefix names the service.
  Result<const contract::MethodInfo*> Select(const google::protobuf::Message& request) const;
};

class Routes {
 public:
  // Throws std::runtime_error with every problem of the contract (contract::CheckMethods).
  explicit Routes(const contract::DescriptorSet& set);

  struct Found {
    const Endpoint* endpoint;
    std::vector<std::pair<std::string, std::string>> variables;
  };
  // kNotFound / kUnknownRoute, or kMethodNotAllowed with the allowed methods in `allow`.
  Result<Found> Find(std::string_view method, std::string_view raw_path, std::string* allow) const;

  const std::vector<Endpoint>& endpoints() const { return endpoints_; }
  // The rpc that answers with the public keys of tokens; throws std::runtime_error when there is none.
  const contract::MethodInfo& SigningKeys() const;
  // Another rpc of the same service (the pieces of an upload).
  const contract::MethodInfo& Sibling(const contract::MethodInfo& method, std::string_view name) const;

 private:
  std::vector<contract::MethodInfo> methods_;
  std::vector<Endpoint> endpoints_;
  http::RouteTable table_;
};

}  // namespace renxin::gateway
