#include "services/notifications/sending/judging.h"

#include <set>

#include "services/notifications/members/store.h"
#include "services/notifications/policy/policy.h"
#include "shared/core/text.h"
#include "shared/observe/metrics.h"

namespace renxin::notifications::sending {
namespace {

constexpr std::chrono::hours kAnHour{1};

}  // namespace

void Claim(messages::Row& row, Instant now) {
  row.claim = NewId();
  row.lease_until = now.Plus(runtime::kJobLease);
}

DueMessages::DueMessages(Tx& tx, const TimerContext& ctx, const Policy& policy, const std::vector<messages::Row>& due)
    : tx_(tx), ctx_(ctx), policy_(policy) {
  std::vector<std::string> recipients;
  std::set<std::string> codes;
  recipients.reserve(due.size());
  for (const messages::Row& row : due) recipients.push_back(row.recipient);
  for (const Greeting& greeting : policy.greetings) codes.insert(greeting.template_code);
  members_ = members::Find(tx, recipients);
  templates_ = templates::Current(tx, {codes.begin(), codes.end()});
  handed_ = messages::HandedSince(tx, ctx.now.Plus(-kAnHour));
}

void DueMessages::Judge(messages::Row& row, Job* job) {
  const auto plan = PlanOf(row);
  const Judgement judgement = sending::Judge(FactsOf(row, plan), policy_, ctx_.now, ctx_.env.zone);
  switch (judgement.verdict) {
    case Verdict::kDefer:
      return Postpone(row, judgement);
    case Verdict::kDrop:
      return End(row, State::kDropped, judgement.reason);
    case Verdict::kExpire:
      return End(row, State::kExpired, judgement.reason);
    case Verdict::kGo:
      break;
  }
  // The class may have changed since: it is still one message, sent as the class of today is greeted.
  if (row.greeting) {
    row.channel = plan.channel;
    row.template_code = plan.template_code;
  }
  std::optional<templates::Row> text;
  if (!row.task()) {
    const auto found = templates_.find(row.template_code);
    if (found == templates_.end()) return End(row, State::kDropped, "N1: no template of the code " + row.template_code);
    if (auto why = templates::NotOn(found->second.text, ctx_.env.zone.DayOf(ctx_.now))) return End(row, State::kDropped, *why);
    text = found->second;
    row.template_version = text->version;
    ++handed_;
  }
  row.state = State::kClaimed;
  row.reason.clear();
  row.handed_at = ctx_.now;
  Claim(row, ctx_.now);
  messages::Save(tx_, row, State::kScheduled, "worker", ctx_.now);
  job->items.push_back({row, false, std::move(text)});
}

birthdays::Plan DueMessages::PlanOf(const messages::Row& row) const {
  const auto member = members_.find(row.recipient);
  // The consent is fetched from leads at the moment of sending.
  return birthdays::PlanFor(member == members_.end() ? nullptr : &member->second, true, policy_);
}

Facts DueMessages::FactsOf(const messages::Row& row, const birthdays::Plan& plan) {
  const Day today = ctx_.env.zone.DayOf(ctx_.now);
  return {.task = row.greeting ? plan.channel == "task" : row.task(),
          .marketing = row.marketing,
          .greeting = row.greeting,
          .expires_at = row.expires_at,
          .plan = plan,
          .person_today = messages::HandedTo(tx_, row.recipient, ctx_.env.zone.StartOf(today)),
          .suite_last_hour = handed_};
}

void DueMessages::Postpone(messages::Row& row, const Judgement& judgement) {
  // No later than it expires: then it is judged again and expires.
  row.due_at = row.expires_at ? std::min(*row.expires_at, judgement.until) : judgement.until;
  row.reason = judgement.reason;
  messages::Save(tx_, row, State::kScheduled, "worker", ctx_.now);
  observe::Count("renxin_messages_deferred_total", {{"why", judgement.reason}});
}

void DueMessages::End(messages::Row& row, State state, const std::string& reason) {
  row.state = state;
  row.reason = reason;
  messages::Save(tx_, row, State::kScheduled, "worker", ctx_.now);
  observe::Count("renxin_messages_total", {{"state", std::string(NameOf(state))}});
}

}  // namespace renxin::notifications::sending
