// Sending: what was claimed is handed to the channel, outside every transaction.

#include <map>
#include <set>

#include "renxin/leads/v1/persons.pb.h"
#include "services/notifications/sending/job.h"
#include "services/notifications/sending/reach.h"
#include "shared/observe/log.h"

namespace renxin::notifications::sending {
namespace {

Outcome Later(const std::string& why) { return {State::kScheduled, why, 0, std::nullopt}; }

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

// The outcome was never recorded: it is looked up at the channel, nothing is sent.
Outcome FindOutcome(channels::Channel& channel, const Job& job, const Item& item) {
  const State state = StateAfterLookup(channel.Find(item.message.key()), job.policy);
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

}  // namespace renxin::notifications::sending
