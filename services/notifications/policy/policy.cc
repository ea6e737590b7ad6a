#include "services/notifications/policy/policy.h"

#include "renxin/notifications/v1/notifications_policy.pb.h"
#include "services/notifications/templates/store.h"

namespace renxin::notifications {
v1::NotificationsPolicy PolicySpec::Default() { return ToProto(DefaultPolicy()); }

Status PolicySpec::Check(Tx& tx, const Policy& policy) { return CheckPolicy(FromProto(policy), templates::CodesOfKind(tx, "birthday")); }

Policy PolicyOn(Tx& tx, Day day) { return FromProto(policies::On<PolicySpec>(tx, day)); }

Policy FromProto(const v1::NotificationsPolicy& body) {
  Policy policy;
  policy.signature = body.signature();
  policy.opt_out_words = body.opt_out_words();
  policy.forbidden_words = {body.forbidden_words().begin(), body.forbidden_words().end()};
  policy.birthday_minute = body.birthday_minute();
  policy.greeting_expires_minute = body.greeting_expires_minute();
  policy.marketing_from_minute = body.marketing_from_minute();
  policy.marketing_until_minute = body.marketing_until_minute();
  policy.marketing_per_day = body.marketing_per_day();
  policy.marketing_per_month = body.marketing_per_month();
  policy.person_per_day = body.person_per_day();
  policy.suite_per_hour = body.suite_per_hour();
  for (const auto& greeting : body.greetings()) {
    policy.greetings.push_back({static_cast<MemberClass>(greeting.member_class()), greeting.channel(), greeting.template_code()});
  }
  policy.resend_unknown = body.unknown_becomes() == "resend";
  return policy;
}

v1::NotificationsPolicy ToProto(const Policy& policy) {
  v1::NotificationsPolicy body;
  body.set_signature(policy.signature);
  body.set_opt_out_words(policy.opt_out_words);
  for (const std::string& word : policy.forbidden_words) body.add_forbidden_words(word);
  body.set_birthday_minute(policy.birthday_minute);
  body.set_greeting_expires_minute(policy.greeting_expires_minute);
  body.set_marketing_from_minute(policy.marketing_from_minute);
  body.set_marketing_until_minute(policy.marketing_until_minute);
  body.set_marketing_per_day(policy.marketing_per_day);
  body.set_marketing_per_month(policy.marketing_per_month);
  body.set_person_per_day(policy.person_per_day);
  body.set_suite_per_hour(policy.suite_per_hour);
  for (const Greeting& greeting : policy.greetings) {
    auto* one = body.add_greetings();
    one->set_member_class(static_cast<membership::v1::MemberClass>(greeting.member_class));
    one->set_channel(greeting.channel);
    one->set_template_code(greeting.template_code);
  }
  body.set_unknown_becomes(policy.resend_unknown ? "resend" : "held");
  return body;
}

}  // namespace renxin::notifications
