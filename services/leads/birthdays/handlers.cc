#include "services/leads/birthdays/handlers.h"

#include "services/leads/birthdays/store.h"
#include "services/leads/customers/store.h"

namespace renxin::leads::birthdays {

Result<v1::ConfirmedBirthday> ConfirmBirthday(Tx& tx, const CallContext& ctx, const v1::ConfirmBirthdayRequest& req) {
  if (!customers::Exists(tx, req.id())) return NotFound("customer");
  if (!Confirm(tx, req.id())) return WrongState("L11: this customer has no birthday that waits to be confirmed");
  db::AppendSealedHistory(tx, ctx.env.sealer, {"customer", req.id(), ctx.now, ctx.caller.username, "", "birthday confirmed", req.reason()});
  v1::ConfirmedBirthday out;
  out.set_id(req.id());
  return out;
}

Result<v1::FindBirthdaysResponse> FindBirthdays(Tx& tx, const CallContext& ctx, const v1::FindBirthdaysRequest& req) {
  std::vector<Birthday> keys;
  for (const auto& key : req.keys()) keys.push_back({*CalendarFrom(key.calendar()), key.month(), key.day()});
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kBirthdayList, req));
  const contract::Paged<Found> page = Find(tx, ctx.env, keys, req.imported_from(), asked);
  v1::FindBirthdaysResponse out;
  for (const Found& found : page.rows) {
    auto* one = out.add_customers();
    one->set_customer_id(found.customer_id);
    one->set_calendar(std::string(CalendarName(found.calendar)));
    one->set_marketing_consent(found.marketing_consent);
  }
  out.set_next_page_token(page.next_page_token);
  return out;
}

}  // namespace renxin::leads::birthdays
