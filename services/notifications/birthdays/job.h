#pragma once
// The birthday worker (N2): day after day, page after page. Asking leads is outside every transaction; what is made of a page
// and how far the day has come are one.

#include "services/notifications/birthdays/store.h"
#include "shared/runtime/outbound_jobs.h"
#include "shared/runtime/service_client.h"

namespace renxin::notifications::birthdays {

inline constexpr std::string_view kBirthdayJob = "birthday";
inline constexpr std::string_view kSend = "send";

struct Found {
  bool answered = false;
  std::vector<std::pair<std::string, bool>> consents;  // customer and whether they agreed to marketing, in the order listed
  std::vector<std::string> occasions;                  // of each
  std::string next;
};

std::optional<Run> Prepare(Tx& tx, const TimerContext& ctx);
Found Execute(runtime::ServiceClient& client, const runtime::JobContext& ctx, const Run& run);
void Record(Tx& tx, const TimerContext& ctx, const Run& run, const Found& found);

void ScheduleAtStart(Tx& tx, const TimerContext& ctx);

}  // namespace renxin::notifications::birthdays
