#include "services/notifications/policy/rules.h"

#include <gtest/gtest.h>

#include <functional>

namespace renxin::notifications {
namespace {

struct Case {
  const char* what;
  std::function<void(Policy&)> change;
  std::string field;  // empty: fine
};

TEST(PolicyRules, N2_N3_M4_what_no_field_can_say_alone) {
  const Case cases[] = {
      {"shipped", [](Policy&) {}, ""},
      {"marketing for one minute", [](Policy& p) { p.marketing_until_minute = p.marketing_from_minute + 1; }, ""},
      {"marketing for none", [](Policy& p) { p.marketing_until_minute = p.marketing_from_minute; }, "policy.marketing_until_minute"},
      {"marketing that ends before it begins", [](Policy& p) { p.marketing_until_minute = 10; }, "policy.marketing_until_minute"},
      {"a greeting that expires as the worker runs", [](Policy& p) { p.greeting_expires_minute = p.birthday_minute; },
       "policy.greeting_expires_minute"},
      {"a minute later", [](Policy& p) { p.greeting_expires_minute = p.birthday_minute + 1; }, ""},
      {"nobody is greeted", [](Policy& p) { p.greetings.clear(); }, ""},
      {"class C",
       [](Policy& p) {
         p.greetings = {{MemberClass::kC, "task", ""}};
       },
       "policy.greetings[0].member_class"},
      {"class J",
       [](Policy& p) {
         p.greetings.push_back({MemberClass::kJ, "sms", "birthday"});
       },
       "policy.greetings[4].member_class"},
      {"a class twice", [](Policy& p) { p.greetings.push_back(p.greetings[0]); }, "policy.greetings[4].member_class"},
      {"an sms without a template",
       [](Policy& p) {
         p.greetings = {{MemberClass::kA, "sms", ""}};
       },
       "policy.greetings[0].template_code"},
      {"an sms of an unknown template",
       [](Policy& p) {
         p.greetings = {{MemberClass::kA, "sms", "x"}};
       },
       "policy.greetings[0].template_code"},
      {"a task with a template",
       [](Policy& p) {
         p.greetings = {{MemberClass::kA, "task", "birthday"}};
       },
       "policy.greetings[0].template_code"},
  };
  for (const Case& one : cases) {
    Policy policy = DefaultPolicy();
    one.change(policy);
    const Status status = CheckPolicy(policy, {"birthday"});
    EXPECT_EQ(status.ok(), one.field.empty()) << one.what;
    if (!status) {
      EXPECT_EQ(status.error().fields.front().field, one.field) << one.what;
    }
  }
}

}  // namespace
}  // namespace renxin::notifications
