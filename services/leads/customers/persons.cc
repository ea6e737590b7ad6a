#include "services/leads/customers/persons.h"

#include <algorithm>

#include "services/leads/customers/birthdays_store.h"
#include "services/leads/customers/consents_store.h"
#include "services/leads/customers/marks_store.h"
#include "services/leads/customers/store.h"

namespace renxin::leads::customers {
namespace {

v1::Consent ToProto(const consents::Entry& entry) {
  v1::Consent out;
  out.set_purpose(entry.decision.purpose);
  out.set_decision(entry.decision.given ? "given" : "withdrawn");
  if (entry.decision.at.micros != 0) out.set_at(FormatTime(entry.decision.at));
  out.set_source(entry.source);
  out.set_text_version(entry.text_version);
  out.set_recorded_at(FormatTime(entry.recorded_at));
  out.set_by(entry.recorded_by);
  return out;
}

v1::CustomerConsents ConsentsOf(Tx& tx, const std::string& id) {
  v1::CustomerConsents out;
  out.set_id(id);
  const std::vector<consents::Entry> entries = consents::List(tx, id);
  std::vector<Decision> decisions;
  decisions.reserve(entries.size());
  for (const consents::Entry& entry : entries) decisions.push_back(entry.decision);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    *out.add_entries() = ToProto(entries[i]);
    if (Deciding(decisions, decisions[i].purpose) == &decisions[i]) *out.add_current() = ToProto(entries[i]);
  }
  return out;
}

v1::CustomerMarks MarksOf(Tx& tx, const Environment& env, const std::string& id) {
  v1::CustomerMarks out;
  out.set_id(id);
  const std::set<std::string> marks = marks::Of(tx, env, id);
  out.set_deceased(marks.contains("deceased"));
  out.set_compassion(marks.contains("compassion"));
  for (const db::Change& change : marks::HistoryOf(tx, env, id)) {
    auto* entry = out.add_history();
    entry->set_at(FormatTime(change.at));
    entry->set_by(change.by);
    entry->set_from(change.from);
    entry->set_to(change.to);
    entry->set_why(change.why);
  }
  return out;
}

}  // namespace

Result<v1::CustomerConsents> RecordConsent(Tx& tx, const CallContext& ctx, const v1::RecordConsentRequest& req) {
  if (!Exists(tx, req.id())) return NotFound("customer");
  Instant at = ctx.now;
  if (!req.at().empty()) {
    ASSIGN_OR_RETURN(at, ParseTime(req.at()));
  }
  ASSIGN_OR_RETURN(const std::string source, CheckConsent({}, at, req.source(), ctx.now, EntryPath::kRoute));
  consents::Record(tx, req.id(),
                   {.decision = {.purpose = req.purpose(), .given = req.decision() == "given", .at = at},
                    .source = source,
                    .text_version = req.text_version(),
                    .recorded_at = ctx.now,
                    .recorded_by = ctx.caller.username});
  db::AppendSealedHistory(tx, ctx.env.sealer,
                          {"consent", req.id(), ctx.now, ctx.caller.username, req.purpose(), req.decision(), req.source()});
  v1::CustomerConsents out = ConsentsOf(tx, req.id());
  out.set_decides(std::any_of(out.current().begin(), out.current().end(), [&](const v1::Consent& one) {
    return one.purpose() == req.purpose() && one.decision() == req.decision() && one.at() == FormatTime(at);
  }));
  return out;
}

Result<v1::CustomerConsents> ListConsents(Tx& tx, const CallContext& /*ctx*/, const v1::ListConsentsRequest& req) {
  if (!Exists(tx, req.id())) return NotFound("customer");
  return ConsentsOf(tx, req.id());
}

Result<v1::CustomerMarks> MarkCustomer(Tx& tx, const CallContext& ctx, const v1::MarkCustomerRequest& req) {
  if (!Exists(tx, req.id())) return NotFound("customer");
  // The same again changes nothing and leaves no second entry.
  if (marks::Store(tx, ctx.env, req.id(), req.mark(), req.set())) {
    const std::string without = "not " + req.mark();
    marks::AppendHistory(
        tx, ctx.env,
        {"mark", req.id(), ctx.now, ctx.caller.username, req.set() ? without : req.mark(), req.set() ? req.mark() : without, req.reason()});
  }
  return MarksOf(tx, ctx.env, req.id());
}

Result<v1::CustomerMarks> GetMarks(Tx& tx, const CallContext& ctx, const v1::GetMarksRequest& req) {
  if (!Exists(tx, req.id())) return NotFound("customer");
  return MarksOf(tx, ctx.env, req.id());
}

Result<v1::ConfirmedBirthday> ConfirmBirthday(Tx& tx, const CallContext& ctx, const v1::ConfirmBirthdayRequest& req) {
  if (!Exists(tx, req.id())) return NotFound("customer");
  if (!ConfirmBirthday(tx, req.id())) return WrongState("L11: this customer has no birthday that waits to be confirmed");
  db::AppendSealedHistory(tx, ctx.env.sealer, {"customer", req.id(), ctx.now, ctx.caller.username, "", "birthday confirmed", req.reason()});
  v1::ConfirmedBirthday out;
  out.set_id(req.id());
  return out;
}

Result<v1::FindBirthdaysResponse> FindBirthdays(Tx& tx, const CallContext& ctx, const v1::FindBirthdaysRequest& req) {
  std::vector<Birthday> keys;
  for (const auto& key : req.keys()) keys.push_back({*CalendarFrom(key.calendar()), key.month(), key.day()});
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(birthdays::kBirthdayList, req));
  const contract::Paged<birthdays::Found> page = birthdays::Find(tx, ctx.env, keys, req.imported_from(), asked);
  v1::FindBirthdaysResponse out;
  for (const birthdays::Found& found : page.rows) {
    auto* one = out.add_customers();
    one->set_customer_id(found.customer_id);
    one->set_calendar(std::string(CalendarName(found.calendar)));
    one->set_marketing_consent(found.marketing_consent);
  }
  out.set_next_page_token(page.next_page_token);
  return out;
}

Result<v1::GetContactsResponse> GetContacts(Tx& tx, const CallContext& ctx, const v1::GetContactsRequest& req) {
  v1::GetContactsResponse out;
  for (const marks::Contact& contact : marks::Contacts(tx, ctx.env, {req.customer_ids().begin(), req.customer_ids().end()})) {
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

}  // namespace renxin::leads::customers
