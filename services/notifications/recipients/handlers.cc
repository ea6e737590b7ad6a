#include "services/notifications/recipients/handlers.h"

#include "renxin/leads/v1/leads_persons.pb.h"
#include "services/notifications/recipients/rules.h"
#include "services/notifications/recipients/store.h"
#include "shared/runtime/history.h"

namespace renxin::notifications::recipients {
namespace {

Result<Known> Ask(runtime::Asker& asker, const std::string& customer_id) {
  leads::v1::GetContactsRequest question;
  question.add_customer_ids(customer_id);
  ASSIGN_OR_RETURN(const auto answer, asker.Ask<leads::v1::GetContactsResponse>("leads", "PersonService.GetContacts", question));
  return Known{answer.contacts_size() > 0};
}

v1::Recipient Describe(Tx& tx, const Environment& env, const std::string& customer_id) {
  v1::Recipient out;
  out.set_customer_id(customer_id);
  out.set_opted_out(IsOptedOut(tx, customer_id));
  runtime::ReadHistory(tx, env, "recipient", customer_id, out.mutable_history());
  return out;
}

}  // namespace

Result<Known> AskForOptOut(runtime::Asker& asker, const CallContext& /*ctx*/, const v1::OptOutRequest& req) {
  return Ask(asker, req.customer_id());
}
Result<Known> AskForOptIn(runtime::Asker& asker, const CallContext& /*ctx*/, const v1::OptInRequest& req) {
  return Ask(asker, req.customer_id());
}

Result<v1::Recipient> GetRecipient(Tx& tx, const CallContext& ctx, const v1::GetRecipientRequest& req) {
  return Describe(tx, ctx.env, req.customer_id());
}

Result<v1::Recipient> OptOut(Tx& tx, const CallContext& ctx, const v1::OptOutRequest& req, const Known& known) {
  if (!known.customer) return NotFound("customer");
  if (!req.reply().empty() && !IsOptOutReply(req.reply())) {
    return InvalidField("reply", "N3", "is no opt-out: R, T, TD or 退订");
  }
  // The same again changes nothing and leaves no second entry.
  if (Put(tx, req.customer_id(), true)) {
    db::NoteTyped(tx, ctx.env.sealer, {"recipient", req.customer_id(), ctx.now, ctx.caller.username, "", "opted out", req.reason()});
  }
  return Describe(tx, ctx.env, req.customer_id());
}

Result<v1::Recipient> OptIn(Tx& tx, const CallContext& ctx, const v1::OptInRequest& req, const Known& known) {
  if (!known.customer) return NotFound("customer");
  if (Put(tx, req.customer_id(), false)) {
    db::NoteTyped(tx, ctx.env.sealer,
                  {"recipient", req.customer_id(), ctx.now, ctx.caller.username, "opted out", "opted in", req.reason()});
  }
  return Describe(tx, ctx.env, req.customer_id());
}

}  // namespace renxin::notifications::recipients
