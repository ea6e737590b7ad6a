#pragma once
// An event as it comes over the bus: from a message that anybody may have written to one that a reaction can take.
// Pure: no I/O.

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>

#include "shared/bus/bus.h"
#include "shared/core/result.h"
#include "shared/runtime/reaction.h"

namespace renxin::runtime {

inline constexpr std::size_t kEventMaxBytes = 256 * 1024;

// The header ce-id; empty when there is none.
std::string EventId(const bus::Message& message);

// Fills `event`, an empty message of the event's type. kMalformedRequest, which nothing will make better: no id, no
// time, a body that does not parse or is too large, or an enum number that this release does not know.
Result<DeliveredMessage> ReadEnvelope(const bus::Message& message, std::unique_ptr<google::protobuf::Message> event, const Environment& env,
                                      Instant now);

}  // namespace renxin::runtime
