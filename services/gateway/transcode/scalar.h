#pragma once
// Texts of a path, a query or a form as values of message fields.

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "shared/core/result.h"

namespace renxin::gateway {

// Sets a singular field or appends to a repeated one. Strings as they are, whole numbers in decimal, `true` or
// `false`, enums by name or number. kInvalidField for anything else, with the field's name.
Status SetFromText(google::protobuf::Message* message, const google::protobuf::FieldDescriptor* field, std::string_view text);

// The value of a singular scalar field as SetFromText would read it.
std::string TextOf(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field);

}  // namespace renxin::gateway
