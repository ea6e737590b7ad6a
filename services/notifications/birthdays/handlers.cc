#include "services/notifications/birthdays/handlers.h"

#include "services/notifications/birthdays/fetch.h"
#include "services/notifications/members/store.h"
#include "services/notifications/policy/policy.h"
#include "shared/contract/page.h"

namespace renxin::notifications::birthdays {
namespace {

std::map<std::string, Member> MembersOf(Tx& tx, const Fetched& fetched) {
  std::vector<std::string> ids;
  for (const auto& one : fetched.customers()) ids.push_back(one.customer_id());
  return members::Find(tx, ids);
}

}  // namespace

Result<v1::BirthdayCount> PreflightCount(runtime::ServiceClient& client, const CallContext& /*ctx*/, const v1::CountBirthdaysRequest& req) {
  ASSIGN_OR_RETURN(const Day day, ParseDay(req.day()));
  v1::BirthdayCount out;
  std::string page_token;
  do {
    ASSIGN_OR_RETURN(const Fetched page, FetchPage(client, day, req.imported_from(), contract::Page::kMaxSize, page_token));
    std::map<std::string, Member> known;
    client.Read([&](Tx& tx) { known = MembersOf(tx, page); });
    for (const auto& one : page.customers()) {
      if (!known.contains(one.customer_id())) continue;
      out.set_members(out.members() + 1);
      if (one.marketing_consent()) out.set_with_marketing_consent(out.with_marketing_consent() + 1);
    }
    page_token = page.next_page_token();
  } while (!page_token.empty());
  return out;
}

Result<Fetched> PreflightList(runtime::ServiceClient& client, const CallContext& /*ctx*/, const v1::ListBirthdaysRequest& req) {
  ASSIGN_OR_RETURN(const Day day, ParseDay(req.day()));
  return FetchPage(client, day, req.imported_from(), req.page_size(), req.page_token());
}

Result<v1::BirthdayCount> CountBirthdays(Tx& /*tx*/, const CallContext& /*ctx*/, const v1::CountBirthdaysRequest& /*req*/,
                                         const v1::BirthdayCount& counted) {
  return counted;
}

Result<v1::ListBirthdaysResponse> ListBirthdays(Tx& tx, const CallContext& /*ctx*/, const v1::ListBirthdaysRequest& req,
                                                const Fetched& fetched) {
  ASSIGN_OR_RETURN(const Day day, ParseDay(req.day()));
  const Policy policy = PolicyOn(tx, day);
  const auto known = MembersOf(tx, fetched);
  v1::ListBirthdaysResponse out;
  out.set_next_page_token(fetched.next_page_token());
  for (const auto& one : fetched.customers()) {
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
