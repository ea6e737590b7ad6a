#pragma once
// A message from JSON, straight into its fields: what clients write every day. Whatever is not plainly right is left to Protobuf's own
// converter, which says what is wrong with it.

#include <google/protobuf/message.h>

#include <string_view>

namespace renxin::gateway::json {

// `text` has passed http::CheckJson. False when it holds something else than fields by the names of the .proto with values of their types
// (unknown names, null, numbers in quotes that are none, maps, bytes, floating point, a oneof): then `message` is not to be used, and
// nothing is said about whether the converter takes it.
bool Read(std::string_view text, google::protobuf::Message* message);

}  // namespace renxin::gateway::json
