#include "services/leads/contacts/handlers.h"

#include "services/leads/contacts/store.h"

namespace renxin::leads::contacts {

Result<v1::GetContactsResponse> GetContacts(Tx& tx, const CallContext& ctx, const v1::GetContactsRequest& req) {
  v1::GetContactsResponse out;
  for (const Contact& contact : Contacts(tx, ctx.env, {req.customer_ids().begin(), req.customer_ids().end()})) {
    auto* one = out.add_contacts();
    one->set_customer_id(contact.customer_id);
    one->set_name(contact.name);
    one->set_phone(contact.phone);
    one->set_marketing_consent(contact.marketing_consent);
    if (contact.express_consent_at) one->set_express_consent_at(FormatTime(*contact.express_consent_at));
    one->set_deceased(contact.marks.contains("deceased"));
    one->set_compassion(contact.marks.contains("compassion"));
  }
  return out;
}

}  // namespace renxin::leads::contacts
