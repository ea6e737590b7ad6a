#include "services/notifications/wiring.h"

#include "renxin/notifications/v1/notifications_policy.pb.h"
#include "services/notifications/birthdays/job.h"
#include "services/notifications/channels/log_channel.h"
#include "services/notifications/doctor/store.h"
#include "services/notifications/policy/policy.h"
#include "services/notifications/sending/job.h"
#include "shared/core/variables.h"
#include "shared/policies/routes.h"

namespace renxin::notifications {
namespace {

std::string LogFile() { return Variable("RENXIN_MESSAGE_LOG_FILE", "var/notifications.messages.jsonl"); }

// What the status calls under way: claimed or unknown, or a day whose birthdays are not all seen to. What waits for the morning or
// for staff is not: nobody has to wait for it.
std::int64_t UnderWay(Tx& tx) {
  return messages::CountIn(tx, sending::State::kClaimed) + messages::CountIn(tx, sending::State::kUnknown) +
         (birthdays::Unfinished(tx) ? 1 : 0);
}

}  // namespace

void Install(runtime::Service& service) {
  const auto channel = std::make_shared<channels::LogChannel>(LogFile());
  policies::Install<PolicySpec>(service);
  service.AtStart(&templates::SeedDefaults).AtStart(&birthdays::ScheduleAtStart);
  service.OutboundJob<birthdays::Run, birthdays::Found>(birthdays::kBirthdayJob, &birthdays::Prepare, &birthdays::Execute,
                                                        &birthdays::Record);
  service.OutboundJob<sending::Job, sending::Result>(
      sending::kSendingJob, &sending::Prepare,
      [channel](runtime::ServiceClient& client, const runtime::JobContext& ctx, const sending::Job& job) {
        return sending::Execute(*channel, client, ctx, job);
      },
      &sending::Record);
  service.Gauge("under_way", &UnderWay);
  service.Doctor(doctor::Checks());
}

}  // namespace renxin::notifications
