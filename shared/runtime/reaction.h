#pragma once
// What a service does with an event that is delivered to it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/observe/log.h"
#include "shared/runtime/context.h"

namespace google::protobuf {
class Message;
}

namespace renxin::runtime {

// An event as it is delivered to a reaction. What it publishes belongs to `trace`.
struct DeliveredMessage {
  EventContext ctx;
  std::unique_ptr<google::protobuf::Message> event;
  observe::Trace trace;
};

// The same with its type, for a reaction that gets many.
template <class Event>
struct Delivered {
  const EventContext& ctx;
  const Event& event;
  const observe::Trace& trace;
};

// All events of one transaction, in the stream's order; one status each. A refusal is a dead letter.
using RunReaction = std::function<std::vector<Status>(Tx&, const std::vector<DeliveredMessage>&)>;
RunReaction OneByOne(std::function<Status(Tx&, const EventContext&, const google::protobuf::Message&)> run);
// The same with types: a reaction that gets all of a transaction, or one after the other.
template <class Event>
RunReaction Together(std::vector<Status> (*reaction)(Tx&, const std::vector<Delivered<Event>>&)) {
  return [reaction](Tx& tx, const std::vector<DeliveredMessage>& messages) {
    std::vector<Delivered<Event>> delivered;
    delivered.reserve(messages.size());
    for (const DeliveredMessage& one : messages) delivered.push_back({one.ctx, static_cast<const Event&>(*one.event), one.trace});
    return reaction(tx, delivered);
  };
}
template <class Event>
RunReaction Each(Status (*reaction)(Tx&, const EventContext&, const Event&)) {
  return OneByOne([reaction](Tx& tx, const EventContext& ctx, const google::protobuf::Message& event) {
    return reaction(tx, ctx, static_cast<const Event&>(event));
  });
}

struct Reaction {
  std::string consumer;   // commissions_on-settlement: also the durable's name
  std::string publisher;  // leads
  std::string event;      // settlement_recorded
  std::function<std::unique_ptr<google::protobuf::Message>()> make;
  RunReaction run;
};

}  // namespace renxin::runtime
