#include "services/cli/operation.h"

#include <algorithm>

namespace renxin::cli {

using std::chrono::milliseconds;

std::string OperationState(const json::object& operation) { return EnumText(operation, "state", "OPERATION_STATE_"); }

bool HasEnded(const json::object& operation) {
  const std::string state = OperationState(operation);
  return state == "done" || state == "failed" || state == "cancelled";
}

json::object WaitForOperation(Api& api, Console& console, json::object operation, milliseconds timeout) {
  const std::string id = Text(operation, "id");
  if (id.empty()) throw CliError(Exit::kFailed, "the gateway named no operation");
  auto end = api.clock().now() + timeout;
  for (milliseconds pause = kFirstPoll; !HasEnded(operation); pause = std::min(2 * pause, kSlowestPoll)) {
    if (api.clock().now() > end) throw CliError(Exit::kTimeout, "nothing moves: operation " + id);
    console.Progress(Text(operation, "type") + " " + Text(operation, "subject") + " " + std::to_string(Int(operation, "percent")) + " %");
    api.clock().sleep(pause);
    json::object now = api.Get("/v1/operations/" + PercentEncode(id));
    if (json::serialize(now) != json::serialize(operation)) end = api.clock().now() + timeout;
    operation = std::move(now);
  }
  return operation;
}

}  // namespace renxin::cli
