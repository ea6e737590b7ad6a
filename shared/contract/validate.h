#pragma once
// The field rules of a message, checked by reflection: at the gateway for an early answer, and again in
// the service, because callers on the bus do not pass the gateway.

#include <optional>
#include <vector>

#include "shared/core/result.h"

namespace google::protobuf {
class Message;
}

namespace renxin::contract {

// Every violation, in field order, with nested paths (`lines[2].amount`); empty when all rules hold.
// Works on generated and dynamic messages. Rules beside `required`, `min_items`, `gte` and `lte` look
// only at values that are there: an empty optional string breaks no rule. Every string must be UTF-8
// without U+0000, every enum number must be known. At most 64 violations are reported.
std::vector<FieldViolation> Validate(const google::protobuf::Message& message);

// The same as one Error (kInvalidArgument, kInvalidField); nothing when all rules hold.
std::optional<Error> ValidationError(const google::protobuf::Message& message);

// G8: every text of a request as it is kept, trimmed of blanks of every kind; what shows nothing is empty and so missing. Secrets stay as
// they are. The gateway and the service do this before they validate.
void TrimTexts(google::protobuf::Message* message);

}  // namespace renxin::contract
