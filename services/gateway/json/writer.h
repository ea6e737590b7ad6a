#pragma once
// A message as JSON, straight from its fields: the same text as Protobuf's own converter writes (names of the .proto, zero values
// included), which describes every type again for each message.

#include <google/protobuf/message.h>

#include <string>

namespace renxin::gateway::json {

// False when `message` can hold what is left to the converter (maps, floating point, Google's own types); then `out` is not to be used.
bool Write(const google::protobuf::Message& message, std::string* out);

// As the converter quotes it: beside what JSON requires, `<`, `>` and the invisible characters of Unicode are escaped.
void WriteText(std::string_view text, std::string* out);

}  // namespace renxin::gateway::json
