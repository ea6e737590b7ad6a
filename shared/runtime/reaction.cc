#include "shared/runtime/reaction.h"

#include <google/protobuf/message.h>

namespace renxin::runtime {

RunReaction OneByOne(std::function<Status(Tx&, const EventContext&, const google::protobuf::Message&)> run) {
  return [run = std::move(run)](Tx& tx, const std::vector<DeliveredMessage>& delivered) {
    std::vector<Status> done;
    done.reserve(delivered.size());
    for (const DeliveredMessage& one : delivered) {
      const observe::TraceScope scope(one.trace);
      done.push_back(run(tx, one.ctx, *one.event));
    }
    return done;
  };
}

}  // namespace renxin::runtime
