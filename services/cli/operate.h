#pragma once
// Periods, dead letters, findings, and how the services stand.

#include <chrono>
#include <string>
#include <vector>

#include "services/cli/api.h"
#include "services/cli/console.h"

namespace renxin::cli {

Exit ListPeriods(Api& api, Console& console);
// Waits for the lock's operation.
Exit LockPeriod(Api& api, Console& console, const std::string& period, std::chrono::milliseconds timeout);
Exit SetFirstPeriod(Api& api, Console& console, const std::string& period, const std::string& reason);

// `services`: all, or the one that was asked for.
Exit ListDeadLetters(Api& api, Console& console, const std::vector<std::string>& services, bool all);
Exit ReplayDeadLetter(Api& api, Console& console, const std::string& service, const std::string& id);
Exit ListFailedTimers(Api& api, Console& console, const std::vector<std::string>& services);
Exit RetryTimer(Api& api, Console& console, const std::string& service, const std::string& kind, const std::string& key);
Exit DiscardDeadLetter(Api& api, Console& console, const std::string& service, const std::string& id, const std::string& reason);

// Stored rows that the rules of today would refuse: all pages of every service. kFailed when there is any.
Exit ListFindings(Api& api, Console& console, const std::vector<std::string>& services);

Exit ShowStatus(Api& api, Console& console, const std::vector<std::string>& services);
// Until every service says twice in a row that it is idle, with the same figures; kTimeout otherwise.
Exit WaitIdle(Api& api, Console& console, const std::vector<std::string>& services, std::chrono::seconds timeout);

}  // namespace renxin::cli
