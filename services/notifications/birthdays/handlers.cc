#include "services/notifications/birthdays/handlers.h"

#include "services/notifications/birthdays/ask.h"
#include "services/notifications/members/store.h"
#include "services/notifications/policy/store.h"

namespace renxin::notifications::birthdays {
namespace {

std::map<std::string, Member> MembersOf(Tx& tx, const Asked& asked) {
  std::vector<std::string> ids;
  for (const auto& one : asked.customers()) ids.push_back(one.customer_id());
  return members::Find(tx, ids);
}

}  // namespace

Result<Asked> AskForCount(runtime::Asker& asker, const CallContext& /*ctx*/, const v1::CountBirthdaysRequest& req) {
  ASSIGN_OR_RETURN(const Day day, ParseDay(req.day()));
  return AskAll(asker, day, req.imported_from());
}

Result<Asked> AskForList(runtime::Asker& asker, const CallContext& /*ctx*/, const v1::ListBirthdaysRequest& req) {
  ASSIGN_OR_RETURN(const Day day, ParseDay(req.day()));
  return AskPage(asker, day, req.imported_from(), req.page_size(), req.page_token());
}

Result<v1::BirthdayCount> CountBirthdays(Tx& tx, const CallContext& /*ctx*/, const v1::CountBirthdaysRequest& /*req*/, const Asked& asked) {
  const auto known = MembersOf(tx, asked);
  v1::BirthdayCount out;
  for (const auto& one : asked.customers()) {
    if (!known.contains(one.customer_id())) continue;
    out.set_members(out.members() + 1);
    if (one.marketing_consent()) out.set_with_marketing_consent(out.with_marketing_consent() + 1);
  }
  return out;
}

Result<v1::ListBirthdaysResponse> ListBirthdays(Tx& tx, const CallContext& /*ctx*/, const v1::ListBirthdaysRequest& req,
                                                const Asked& asked) {
  ASSIGN_OR_RETURN(const Day day, ParseDay(req.day()));
  const Policy policy = PolicyOn(tx, day);
  const auto known = MembersOf(tx, asked);
  v1::ListBirthdaysResponse out;
  out.set_next_page_token(asked.next_page_token());
  for (const auto& one : asked.customers()) {
    const auto member = known.find(one.customer_id());
    if (member == known.end()) continue;
    const Plan plan = PlanFor(&member->second, one.marketing_consent(), policy);
    auto* birthday = out.add_birthdays();
    birthday->set_customer_id(one.customer_id());
    birthday->set_member_class(static_cast<membership::v1::MemberClass>(member->second.member_class));
    birthday->set_marketing_consent(one.marketing_consent());
    birthday->set_channel(plan.channel);
    birthday->set_why_not(plan.why_not);
  }
  return out;
}

}  // namespace renxin::notifications::birthdays
