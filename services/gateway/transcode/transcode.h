#pragma once
// HTTP's texts into the request message of an rpc, and its reply into JSON; by descriptor alone.

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/type_resolver.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/contract/descriptors.h"
#include "shared/core/result.h"

namespace renxin::gateway {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using MessagePtr = std::unique_ptr<google::protobuf::Message>;

class Transcoder {
 public:
  // Keeps a reference to `set`.
  explicit Transcoder(const contract::DescriptorSet& set);

  MessagePtr New(const google::protobuf::Descriptor* type);

  // The body is the whole message: strict JSON, or empty for one without fields. Unknown fields are refused with
  // their path. Errors: kMalformedJson, kInvalidField; the input is never repeated in them.
  Result<MessagePtr> FromJson(const google::protobuf::Descriptor* type, std::string_view body);
  // Fields of the path win; a body that says otherwise is refused.
  Status ApplyPath(google::protobuf::Message* message, const Pairs& variables);
  // Query or form fields: an unknown name is refused, and so is a second value for a singular field.
  Status ApplyFields(google::protobuf::Message* message, const Pairs& fields);

  // Serialized message → JSON with the names of the .proto, zero values included; `version`: its int64 field of that name, 0 where
  // it has none. Throws std::runtime_error when the bytes are no such message.
  std::string ToJson(const google::protobuf::Descriptor* type, const std::string& bytes, std::int64_t* version = nullptr);

  // Both ways by Protobuf's converter: for what json/ leaves to it. `body` is strict JSON.
  Result<MessagePtr> ConvertFromJson(const google::protobuf::Descriptor* type, std::string_view body);
  std::string ConvertToJson(const google::protobuf::Descriptor* type, const std::string& bytes);

 private:
  google::protobuf::DynamicMessageFactory factory_;
  std::unique_ptr<google::protobuf::util::TypeResolver> resolver_;
};

}  // namespace renxin::gateway
