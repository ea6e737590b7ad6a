#include "services/notifications/birthdays/job.h"

#include "renxin/leads/v1/persons.pb.h"
#include "services/notifications/birthdays/fetch.h"
#include "services/notifications/members/store.h"
#include "services/notifications/messages/store.h"
#include "services/notifications/policy/policy.h"
#include "shared/contract/page.h"
#include "shared/core/lunar.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"

namespace renxin::notifications::birthdays {
namespace {

constexpr std::chrono::seconds kRetryPause{15};

messages::Row MessageOf(const std::string& customer, const std::string& occasion, const Plan& plan, Day day, const Policy& policy,
                        const TimerContext& ctx) {
  messages::Row row;
  row.id = NewId();
  row.kind = "birthday";
  row.recipient = customer;
  row.occasion = occasion;
  row.marketing = true;
  row.greeting = true;
  row.channel = plan.channel;
  row.template_code = plan.template_code;
  row.day = FormatDay(day);
  row.due_at = std::max(ctx.now, ctx.env.zone.At(day, policy.birthday_minute));
  row.expires_at = ctx.env.zone.At(day, policy.greeting_expires_minute);
  if (ctx.now >= *row.expires_at) {
    // A day on which the worker was down: whoever looks sees that nobody was greeted, and why.
    row.state = sending::State::kExpired;
    row.reason = "N2: its day is over";
  }
  return row;
}

}  // namespace

std::optional<Run> Prepare(Tx& tx, const TimerContext& ctx) {
  if (auto begun = Unfinished(tx)) return begun;
  const Day today = ctx.env.zone.DayOf(ctx.now);
  const Next next = NextRun(LastRun(tx, today), ctx.now, ctx.env.zone, PolicyOn(tx, today));
  if (!next.run) {
    db::Schedule(tx, kBirthdayJob, "", next.look_again);
    return std::nullopt;
  }
  if (!Begin(tx, *next.run, ctx.now)) return std::nullopt;
  return Run{*next.run, ""};
}

Found Execute(runtime::ServiceClient& client, const runtime::JobContext& /*ctx*/, const Run& run) {
  Found found;
  const auto page = FetchPage(client, run.day, "", contract::Page::kMaxSize, run.cursor);
  if (!page) return found;
  found.answered = true;
  found.next = page->next_page_token();
  for (const auto& one : page->customers()) {
    found.consents.emplace_back(one.customer_id(), one.marketing_consent());
    found.occasions.push_back(BirthdayOccasion(CalendarFrom(one.calendar()).value_or(Calendar::kSolar), run.day));
  }
  return found;
}

void Record(Tx& tx, const TimerContext& ctx, const Run& run, const Found& found) {
  if (!found.answered) {
    observe::Log(observe::Level::kWarn, "birthdays wait: leads does not answer", {{"day", FormatDay(run.day)}});
    db::Schedule(tx, kBirthdayJob, "", ctx.now.Plus(kRetryPause));
    return;
  }
  const Policy policy = PolicyOn(tx, run.day);
  std::vector<std::string> ids;
  for (const auto& [id, consent] : found.consents) ids.push_back(id);
  const auto known = members::Find(tx, ids);
  int made = 0;
  for (std::size_t i = 0; i < found.consents.size(); ++i) {
    const auto& [id, consent] = found.consents[i];
    const auto member = known.find(id);
    const Plan plan = PlanFor(member == known.end() ? nullptr : &member->second, consent, policy);
    if (plan.channel.empty()) continue;
    made += messages::Insert(tx, MessageOf(id, found.occasions[i], plan, run.day, policy, ctx), ctx.now) ? 1 : 0;
  }
  Continue(tx, run, found.next, static_cast<int>(ids.size()), made, ctx.now);
  if (made > 0) db::Schedule(tx, kSend, "", ctx.now);
}

void ScheduleAtStart(Tx& tx, const TimerContext& ctx) {
  db::Schedule(tx, kBirthdayJob, "", ctx.now);
  db::Schedule(tx, kSend, "", ctx.now);
}

}  // namespace renxin::notifications::birthdays
