#pragma once
// An operation of the suite (an import, the lock of a period), looked at until it has ended.

#include <chrono>
#include <string>

#include "services/cli/api.h"
#include "services/cli/console.h"

namespace renxin::cli {

// It is looked at often at first, then ever more rarely.
inline constexpr std::chrono::milliseconds kFirstPoll{50};
inline constexpr std::chrono::milliseconds kSlowestPoll{500};

// receiving, running, done, failed, cancelled.
std::string OperationState(const json::object& operation);
bool HasEnded(const json::object& operation);

// `operation` as its request was answered; answers it as it ended. Throws CliError (kTimeout) when it has not moved for `timeout`.
json::object WaitForOperation(Api& api, Console& console, json::object operation, std::chrono::milliseconds timeout);

}  // namespace renxin::cli
