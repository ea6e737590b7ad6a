#include "services/notifications/policy/rules.h"

#include <algorithm>
#include <set>

namespace renxin::notifications {
namespace {

Status CheckGreeting(const Greeting& greeting, const std::string& at, const std::vector<std::string>& templates) {
  if (greeting.member_class == MemberClass::kC || greeting.member_class == MemberClass::kJ) {
    return RuleBroken(at + ".member_class", "M4", "classes C and J are not greeted");
  }
  const bool known = std::find(templates.begin(), templates.end(), greeting.template_code) != templates.end();
  if (greeting.channel == "sms" && !known) return RuleBroken(at + ".template_code", "N1", "no template of kind birthday has this code");
  if (greeting.channel == "task" && !greeting.template_code.empty()) {
    return RuleBroken(at + ".template_code", "N1", "a task has no template");
  }
  return Ok{};
}

}  // namespace

Policy DefaultPolicy() {
  Policy policy;
  policy.forbidden_words = {"高血压", "糖尿病", "肿瘤", "癌",   "乙肝", "梅毒",   "艾滋", "性病", "抑郁",   "结石",
                            "不孕",   "流产",   "人流", "怀孕", "早孕", "产后",   "整形", "隆鼻", "双眼皮", "吸脂",
                            "玻尿酸", "肉毒",   "植发", "激光", "手术", "剖宫产", "顺产", "碎石"};
  // M4.
  policy.greetings = {{MemberClass::kAaa, "task", ""},
                      {MemberClass::kAa, "task", ""},
                      {MemberClass::kA, "sms", "birthday"},
                      {MemberClass::kB, "sms", "birthday"}};
  return policy;
}

Status CheckPolicy(const Policy& policy, const std::vector<std::string>& birthday_templates) {
  if (policy.marketing_from_minute >= policy.marketing_until_minute) {
    return RuleBroken("policy.marketing_until_minute", "N3", "marketing must end after it begins");
  }
  if (policy.birthday_minute >= policy.greeting_expires_minute) {
    return RuleBroken("policy.greeting_expires_minute", "N2", "a greeting must expire after the worker runs");
  }
  std::set<MemberClass> seen;
  for (std::size_t i = 0; i < policy.greetings.size(); ++i) {
    const std::string at = "policy.greetings[" + std::to_string(i) + "]";
    RETURN_IF_ERROR(CheckGreeting(policy.greetings[i], at, birthday_templates));
    if (!seen.insert(policy.greetings[i].member_class).second) {
      return RuleBroken(at + ".member_class", "M4", "this class is named twice");
    }
  }
  return Ok{};
}

}  // namespace renxin::notifications
