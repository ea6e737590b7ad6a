#include "services/notifications/recipients/handlers.h"

#include "services/notifications/recipients/rules.h"
#include "services/notifications/recipients/store.h"
#include "shared/runtime/history.h"

namespace renxin::notifications::recipients {
namespace {

Result<Contact> FetchContact(runtime::ServiceClient& client, const std::string& customer_id) {
  leads::v1::GetContactsRequest question;
  question.add_customer_ids(customer_id);
  ASSIGN_OR_RETURN(const auto answer, client.Call<leads::v1::GetContactsResponse>("leads", "PersonService.GetContacts", question));
  return answer.contacts_size() > 0 ? answer.contacts(0) : Contact();
}

std::optional<Instant> ExpressOf(const Contact& contact) {
  const auto at = ParseTime(contact.express_consent_at());
  return at ? std::optional(*at) : std::nullopt;
}

std::vector<Stop> StopsOf(Tx& tx, const std::string& customer_id, const Keys& keys) {
  Stops stops;
  stops.Want(customer_id, keys);
  stops.Load(tx);
  return stops.Of(customer_id, keys);
}

v1::Recipient Describe(Tx& tx, const Environment& env, const Contact& contact) {
  const std::optional<Instant> express = ExpressOf(contact);
  v1::Recipient out;
  out.set_customer_id(contact.customer_id());
  for (const Stop& stop : StopsOf(tx, contact.customer_id(), KeysOf(env, contact.name(), contact.phone()))) {
    auto* one = out.add_stops();
    one->set_scope(std::string(NameOf(stop.scope)));
    one->set_at(FormatTime(stop.at));
    one->set_in_force(InForce(stop, express));
    if (one->in_force()) out.set_opted_out(true);
  }
  runtime::ReadHistory(tx, env, "recipient", contact.customer_id(), contract::Page(contract::Page::kMaxSize), out.mutable_history());
  return out;
}

}  // namespace

Result<Contact> PreflightRecipient(runtime::ServiceClient& client, const CallContext& /*ctx*/, const v1::GetRecipientRequest& req) {
  return FetchContact(client, req.customer_id());
}

Result<Contact> PreflightOptOut(runtime::ServiceClient& client, const CallContext& /*ctx*/, const v1::OptOutRequest& req) {
  return FetchContact(client, req.customer_id());
}

Result<v1::Recipient> GetRecipient(Tx& tx, const CallContext& ctx, const v1::GetRecipientRequest& /*req*/, const Contact& contact) {
  if (contact.customer_id().empty()) return NotFound("customer");
  return Describe(tx, ctx.env, contact);
}

Result<v1::Recipient> OptOut(Tx& tx, const CallContext& ctx, const v1::OptOutRequest& req, const Contact& contact) {
  if (contact.customer_id().empty()) return NotFound("customer");
  if (!req.reply().empty() && !IsOptOutReply(req.reply())) {
    return InvalidField("reply", "N3", "is no opt-out: R, T, TD or 退订");
  }
  const std::string& id = contact.customer_id();
  const Keys keys = KeysOf(ctx.env, contact.name(), contact.phone());
  if (!req.reply().empty() && keys.phone.empty()) return RuleBroken("reply", "N3", "the customer has no phone that could have replied");
  const Scope scope = !req.reply().empty() ? Scope::kPhone : keys.person.empty() ? Scope::kRecord : Scope::kPerson;
  std::vector<Stop> stops = StopsOf(tx, id, keys);
  std::erase_if(stops, [&](const Stop& stop) { return stop.scope != scope; });
  // From now on in any case: somebody else behind this phone, or another record of this person, may have lifted the earlier stop.
  StoreStop(tx, scope, scope == Scope::kPhone ? keys.phone : scope == Scope::kPerson ? keys.person : id, ctx.now);
  // A file that gives this record another phone or name lifts nothing either.
  if (scope == Scope::kPerson) StoreStop(tx, Scope::kRecord, id, ctx.now);
  // The same again leaves no second entry; after a consent that lifted it, it is another stop.
  if (IsStopped(stops, ExpressOf(contact))) return Describe(tx, ctx.env, contact);
  db::AppendSealedHistory(tx, ctx.env.sealer,
                          {"recipient", id, ctx.now, ctx.caller.username, "", "opted out: " + std::string(NameOf(scope)), req.reason()});
  return Describe(tx, ctx.env, contact);
}

}  // namespace renxin::notifications::recipients
