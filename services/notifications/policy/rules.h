#pragma once
// What a hospital may choose about messages, as the rules read it.

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/result.h"

namespace renxin::notifications {

// The numbers are those of membership's MemberClass.
enum class MemberClass : std::uint8_t { kNone = 0, kAaa = 1, kAa = 2, kA = 3, kB = 4, kC = 5, kJ = 6 };

struct Greeting {
  MemberClass member_class = MemberClass::kNone;
  std::string channel;  // task or sms
  std::string template_code;
};

// Times of day are minutes after midnight.
struct Policy {
  std::string signature = "仁心医院";
  std::string opt_out_words = "拒收请回复R";
  std::vector<std::string> forbidden_words;
  int birthday_minute = 9 * 60;
  int greeting_expires_minute = 20 * 60;
  int marketing_from_minute = 8 * 60;
  int marketing_until_minute = 20 * 60;
  int marketing_per_day = 1;
  int marketing_per_month = 4;
  int person_per_day = 5;
  int suite_per_hour = 3'000;
  std::vector<Greeting> greetings;
  bool resend_unknown = false;
};

Policy DefaultPolicy();

// What no field can say alone. `birthday_templates` are the codes there are of kind birthday.
Status CheckPolicy(const Policy& policy, const std::vector<std::string>& birthday_templates);

}  // namespace renxin::notifications
