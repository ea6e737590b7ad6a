#pragma once
// What a preflight call and an outbound job have in place of a Tx.

#include <functional>
#include <string>
#include <string_view>

#include "shared/core/result.h"
#include "shared/runtime/context.h"

namespace google::protobuf {
class Message;
}

namespace renxin::runtime {

// What may be done before the transaction: questions to other services, reads, slow sums. Never inside it.
class ServiceClient {
 public:
  virtual ~ServiceClient() = default;
  // An internal rpc of another service (`leads`, `LeadService.GetControlTotal`). `key` is the Idempotency-Key that an internal
  // command is remembered by: the same at every attempt of one act. Empty: within a request it follows from the request's own
  // key, elsewhere it is a new one.
  virtual Result<std::string> CallBytes(std::string_view service, std::string_view method, const google::protobuf::Message& request,
                                        std::string_view key) = 0;
  virtual void Read(const std::function<void(Tx&)>& run) = 0;
  // The same for what is one statement: no transaction is begun for it.
  virtual void ReadStatement(const std::function<void(Tx&)>& run) { Read(run); }

  template <class Res>
  Result<Res> Call(std::string_view service, std::string_view method, const google::protobuf::Message& request, std::string_view key = "") {
    ASSIGN_OR_RETURN(const std::string bytes, CallBytes(service, method, request, key));
    Res response;
    if (!response.ParseFromString(bytes)) return Error{Code::kInternal, Reason::kInternal, "answer does not parse"};
    return response;
  }
};

}  // namespace renxin::runtime
