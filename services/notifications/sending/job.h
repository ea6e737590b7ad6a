#pragma once
// Sending (N6): claimed and checked in one transaction, handed over outside, recorded in another.

#include <optional>
#include <string>
#include <vector>

#include "services/notifications/channels/channel.h"
#include "services/notifications/messages/store.h"
#include "services/notifications/recipients/store.h"
#include "services/notifications/templates/store.h"
#include "shared/runtime/outbound_jobs.h"
#include "shared/runtime/service_client.h"

namespace renxin::notifications::sending {

inline constexpr std::string_view kSendingJob = "send";

struct Item {
  messages::Row message;
  // To be looked up at the channel, not sent: it is unknown whether it was accepted.
  bool ask = false;
  std::optional<templates::Row> text;  // none for a task
};

struct Job {
  Policy policy;
  Day day;
  std::vector<Item> items;
};

struct Outcome {
  State state = State::kScheduled;  // scheduled: it was not handed over, and is due again
  std::string reason;
  std::size_t parts = 0;
  std::optional<Instant> until;  // of scheduled: not before
  // To whom it went or may have gone.
  recipients::Keys to{};
};

struct Result {
  std::vector<Outcome> outcomes;  // of each item
};

std::optional<Job> Prepare(Tx& tx, const TimerContext& ctx);
Result Execute(channels::Channel& channel, runtime::ServiceClient& client, const runtime::JobContext& ctx, const Job& job);
void Record(Tx& tx, const TimerContext& ctx, const Job& job, const Result& result);

}  // namespace renxin::notifications::sending
