#include "services/notifications/sending/work.h"

#include <map>
#include <set>

#include "renxin/leads/v1/persons.pb.h"
#include "services/notifications/members/store.h"
#include "services/notifications/policy/policy.h"
#include "services/notifications/sending/reach.h"
#include "shared/core/text.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"

namespace renxin::notifications::sending {
namespace {

constexpr int kBatch = 100;
// Not sooner: while leads or the channel is away every try is two lines of history.
constexpr std::chrono::minutes kTryAgain{5};
constexpr std::chrono::hours kAnHour{1};

Outcome Later(const std::string& why) { return {State::kScheduled, why, 0, std::nullopt}; }

// Those whose claim nobody recorded. A task leaves nothing outside; a message may have been taken.
void ExpirePoints(Tx& tx, const TimerContext& ctx) {
  for (messages::Row& row : messages::Expired(tx, State::kClaimed, ctx.now, kBatch)) {
    row.state = row.task() ? State::kScheduled : State::kUnknown;
    row.reason = "N6: claimed, and nobody said what came of it";
    if (row.task()) row.handed_at = std::nullopt;
    messages::Save(tx, row, State::kClaimed, "worker", ctx.now);
  }
}

void ExpireTasks(Tx& tx, const TimerContext& ctx) {
  for (messages::Row& row : messages::TasksOverdue(tx, ctx.now, kBatch)) {
    row.state = State::kExpired;
    row.reason = "N2: its day is over";
    messages::Save(tx, row, State::kAccepted, "worker", ctx.now);
  }
}

void Claim(messages::Row& row, Instant now) {
  row.claim = NewId();
  row.lease_until = now.Plus(runtime::kJobLease);
}

// What is due and what is known of their recipients, looked up together.
class Desk {
 public:
  Desk(Tx& tx, const TimerContext& ctx, const Policy& policy, const std::vector<messages::Row>& due) : tx_(tx), ctx_(ctx), policy_(policy) {
    std::vector<std::string> recipients;
    std::set<std::string> codes;
    recipients.reserve(due.size());
    for (const messages::Row& row : due) recipients.push_back(row.recipient);
    for (const Greeting& greeting : policy.greetings) codes.insert(greeting.template_code);
    members_ = members::Find(tx, recipients);
    templates_ = templates::Current(tx, {codes.begin(), codes.end()});
    handed_ = messages::HandedSince(tx, ctx.now.Plus(-kAnHour));
  }

  // Claims it for the job, or puts it off, drops or expires it.
  void Take(messages::Row& row, Job* job) {
    const auto plan = PlanOf(row);
    const Judgement judgement = Judge(FactsOf(row, plan), policy_, ctx_.now, ctx_.env.zone);
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
    // The class may have changed since: it is still one message, by the way of today.
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

 private:
  birthdays::Plan PlanOf(const messages::Row& row) const {
    const auto member = members_.find(row.recipient);
    // Consent is asked of leads at the moment of sending.
    return birthdays::PlanFor(member == members_.end() ? nullptr : &member->second, true, policy_);
  }

  Facts FactsOf(const messages::Row& row, const birthdays::Plan& plan) {
    const Day today = ctx_.env.zone.DayOf(ctx_.now);
    return {.task = row.greeting ? plan.channel == "task" : row.task(),
            .marketing = row.marketing,
            .greeting = row.greeting,
            .expires_at = row.expires_at,
            .plan = plan,
            .person_today = messages::HandedTo(tx_, row.recipient, ctx_.env.zone.StartOf(today)),
            .suite_last_hour = handed_};
  }

  void Postpone(messages::Row& row, const Judgement& judgement) {
    // No later than it expires: then it is looked at again and expires.
    row.due_at = row.expires_at ? std::min(*row.expires_at, judgement.until) : judgement.until;
    row.reason = judgement.reason;
    messages::Save(tx_, row, State::kScheduled, "worker", ctx_.now);
    observe::Count("renxin_messages_deferred_total", {{"why", judgement.reason}});
  }

  void End(messages::Row& row, State state, const std::string& reason) {
    row.state = state;
    row.reason = reason;
    messages::Save(tx_, row, State::kScheduled, "worker", ctx_.now);
    observe::Count("renxin_messages_total", {{"state", std::string(NameOf(state))}});
  }

  Tx& tx_;
  const TimerContext& ctx_;
  const Policy& policy_;
  std::map<std::string, birthdays::Member> members_;
  std::map<std::string, templates::Row> templates_;
  int handed_ = 0;
};

using Contacts = Reach::Contacts;

// Also of what is asked about: to whom it may have gone counts. Nothing when leads does not answer.
std::optional<Contacts> FetchContacts(runtime::ServiceClient& client, const Job& job) {
  leads::v1::GetContactsRequest question;
  std::set<std::string> recipients;
  for (const Item& item : job.items) recipients.insert(item.message.recipient);
  for (const std::string& id : recipients) question.add_customer_ids(id);
  Contacts contacts;
  if (question.customer_ids_size() == 0) return contacts;
  const auto answer = client.Call<leads::v1::GetContactsResponse>("leads", "PersonService.GetContacts", question);
  if (!answer) return std::nullopt;
  for (const auto& contact : answer->contacts()) contacts[contact.customer_id()] = contact;
  return contacts;
}

Outcome Send(channels::Channel& channel, const runtime::JobContext& ctx, const Job& job, const Item& item, const leads::v1::Contact& to) {
  const auto text = templates::Render(item.text->text, {{"name", to.name()}}, job.policy);
  if (!text) return {State::kFailed, text.error().message, 0, std::nullopt};
  const std::size_t parts = templates::Parts(*text);
  const channels::Outgoing outgoing{.key = item.message.key(),
                                    .phone = to.phone(),
                                    .text = *text,
                                    .template_code = item.text->text.code,
                                    .template_version = item.text->version,
                                    .provider_template_id = item.text->text.provider_template_id,
                                    .parts = parts};
  const channels::Answer answer = channel.Send(outgoing, ctx.now);
  switch (answer.outcome) {
    case channels::Answer::Outcome::kAccepted:
      return {State::kAccepted, "", parts, std::nullopt};
    case channels::Answer::Outcome::kRefused:
      return {State::kFailed, answer.reason, parts, std::nullopt};
    case channels::Answer::Outcome::kTryLater:
      return Later(answer.reason);
    case channels::Answer::Outcome::kUnknown:
      break;
  }
  return {State::kUnknown, answer.reason, parts, std::nullopt};
}

// What was never recorded: the channel is asked, nothing is sent.
Outcome FindOutcome(channels::Channel& channel, const Job& job, const Item& item) {
  const State state = StateAfterLookup(channel.Call(item.message.key()), job.policy);
  return {state, state == State::kHeld ? "N6: the channel cannot tell whether it was taken" : "N6: the channel was asked", 0, std::nullopt};
}

Outcome Deliver(channels::Channel& channel, const runtime::JobContext& ctx, const Job& job, const Item& item, const Contacts& contacts,
                const Reach& reach) {
  const auto found = contacts.find(item.message.recipient);
  const leads::v1::Contact to = found == contacts.end() ? leads::v1::Contact() : found->second;
  const Contact known{.known = found != contacts.end(),
                      .has_phone = !to.phone().empty(),
                      .marketing_consent = to.marketing_consent(),
                      .deceased = to.deceased(),
                      .compassion = to.compassion()};
  if (const auto why = NotTo(known, item.message.task(), item.message.marketing)) return {State::kDropped, *why, 0, std::nullopt};
  const Judgement judgement = reach.Check(item.message, to);
  if (judgement.verdict == Verdict::kDrop) return {State::kDropped, judgement.reason, 0, std::nullopt};
  if (judgement.verdict == Verdict::kDefer) return {State::kScheduled, judgement.reason, 0, judgement.until};
  if (item.message.task()) return {State::kAccepted, "", 0, std::nullopt};
  return Send(channel, ctx, job, item, to);
}

// It went, or nobody knows.
bool MayHaveGone(State state) { return state == State::kAccepted || state == State::kUnknown || state == State::kHeld; }

}  // namespace

std::optional<Job> Prepare(Tx& tx, const TimerContext& ctx) {
  const Day today = ctx.env.zone.DayOf(ctx.now);
  Job job{.policy = PolicyOn(tx, today), .day = today, .items = {}};
  ExpirePoints(tx, ctx);
  ExpireTasks(tx, ctx);
  for (messages::Row& row : messages::Expired(tx, State::kUnknown, ctx.now, kBatch)) {
    Claim(row, ctx.now);
    messages::Save(tx, row, State::kUnknown, "worker", ctx.now);
    job.items.push_back({row, true, std::nullopt});
  }
  std::vector<messages::Row> due = messages::Due(tx, ctx.now, kBatch);
  if (!due.empty()) {
    Desk desk(tx, ctx, job.policy, due);
    for (messages::Row& row : due) desk.Take(row, &job);
  }
  if (!job.items.empty()) return job;
  if (const auto next = messages::NextDue(tx)) db::Schedule(tx, kSendingJob, "", *next);
  return std::nullopt;
}

Result Execute(channels::Channel& channel, runtime::ServiceClient& client, const runtime::JobContext& ctx, const Job& job) {
  const std::optional<Contacts> contacts = FetchContacts(client, job);
  std::optional<Reach> reach;
  std::vector<const messages::Row*> rows;
  for (const Item& item : job.items) rows.push_back(&item.message);
  try {
    if (contacts) reach.emplace(client, ctx.env, job.policy, *contacts, rows, ctx.now);
  } catch (const db::DbError& error) {
    observe::Log(observe::Level::kWarn, "nothing is sent: the database does not answer", {{"code", error.code()}});
  }
  Result result;
  for (const Item& item : job.items) {
    Outcome outcome;
    if (ctx.late()) {
      // Past the deadline the claim may expire under our hands: what was not begun is left.
      outcome = item.ask ? Outcome{State::kUnknown, "", 0, std::nullopt} : Later("there was no time left for it");
    } else if (item.ask) {
      outcome = FindOutcome(channel, job, item);
    } else {
      outcome = reach ? Deliver(channel, ctx, job, item, *contacts, *reach) : Later("leads does not answer");
    }
    if (reach && MayHaveGone(outcome.state)) {
      outcome.to = reach->KeysOf(item.message.recipient);
      reach->Record(item.message);
    }
    result.outcomes.push_back(std::move(outcome));
  }
  return result;
}

void Record(Tx& tx, const TimerContext& ctx, const Job& job, const Result& result) {
  for (std::size_t i = 0; i < job.items.size(); ++i) {
    auto row = messages::GetForUpdate(tx, job.items[i].message.id);
    const Outcome& outcome = result.outcomes[i];
    // Another has it now: what we know they will learn by asking.
    if (!row || row->claim != job.items[i].message.claim) continue;
    const State was = row->state;
    if (outcome.state == was || !MayMove(was, outcome.state)) continue;
    row->state = outcome.state;
    row->reason = outcome.reason;
    if (outcome.parts > 0) row->parts = static_cast<std::int64_t>(outcome.parts);
    if (outcome.state == State::kScheduled) row->due_at = outcome.until.value_or(ctx.now.Plus(kTryAgain));
    if (row->expires_at && outcome.state == State::kScheduled) row->due_at = std::min(row->due_at, *row->expires_at);
    if (!outcome.to.phone.empty()) row->phone_key = outcome.to.phone, row->person_key = outcome.to.person;
    if (outcome.state == State::kScheduled || outcome.state == State::kDropped) row->handed_at = std::nullopt;
    if (outcome.state == State::kAccepted) row->accepted_at = ctx.now;
    // Asked about at once.
    row->lease_until = outcome.state == State::kUnknown ? std::optional(ctx.now) : std::nullopt;
    messages::Save(tx, *row, was, "worker", ctx.now);
    observe::Count("renxin_messages_total", {{"state", std::string(NameOf(outcome.state))}});
  }
}

}  // namespace renxin::notifications::sending
