#include "services/notifications/wiring.h"

#include <cstdlib>

#include "services/notifications/birthdays/work.h"
#include "services/notifications/channels/log_channel.h"
#include "services/notifications/policy/store.h"
#include "services/notifications/sending/work.h"

namespace renxin::notifications {
namespace {

std::string LogFile() {
  const char* value = std::getenv("RENXIN_MESSAGE_LOG_FILE");
  return value == nullptr || *value == '\0' ? "var/notifications.messages.jsonl" : value;
}

runtime::Service& Counting(runtime::Service& service, std::string_view name, sending::State state) {
  return service.Gauge(name, [state](Tx& tx) { return messages::CountIn(tx, state); });
}

}  // namespace

void Install(runtime::Service& service) {
  const auto channel = std::make_shared<channels::LogChannel>(LogFile());
  service.AtStart(&EnsurePolicy).AtStart(&templates::EnsureShipped).AtStart(&birthdays::ScheduleAtStart);
  service.Work<birthdays::Run, birthdays::Found>(birthdays::kWork, &birthdays::Prepare, &birthdays::Perform, &birthdays::Record);
  service.Work<sending::Job, sending::Result>(
      sending::kWork, &sending::Prepare,
      [channel](runtime::Asker& asker, const runtime::WorkContext& ctx, const sending::Job& job) {
        return sending::Perform(*channel, asker, ctx, job);
      },
      &sending::Record);
  Counting(service, "messages_scheduled", sending::State::kScheduled);
  Counting(service, "messages_unknown", sending::State::kUnknown);
  Counting(service, "messages_held", sending::State::kHeld);
}

}  // namespace renxin::notifications
