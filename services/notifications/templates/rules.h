#pragma once
// Templates and their text (N1).

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/notifications/policy/rules.h"
#include "shared/core/time.h"

namespace renxin::notifications::templates {

struct Template {
  std::string code;
  std::string kind;
  std::string body;
  std::string provider_template_id;
  bool advertises = false;
  std::string approval_no;
  std::string approval_expires_on;  // YYYY-MM-DD
};

bool IsMarketing(std::string_view kind);
// The values that a kind of message can give.
const std::vector<std::string>& VariablesOf(std::string_view kind);
// The names in the body, in order, each once. Refused: a brace that is none of a name.
Result<std::vector<std::string>> VariablesIn(std::string_view body);

Status CheckTemplate(const Template& text, const Policy& policy, Day today);
// Why it may not be sent on that day any more, although it was fine when it was made.
std::optional<std::string> NotOn(const Template& text, Day day);

using Values = std::map<std::string, std::string>;
// With the signature in front. Refused: a value that is missing or shows nothing (G8), that would look like a signature or break the
// line, or that the template has not.
Result<std::string> Render(const Template& text, const Values& values, const Policy& policy);

// UTF-16 units, as providers count them.
std::size_t Units(std::string_view text);
// 70 units in one part, 67 in each of several; the two units of one character are never in different parts.
std::size_t Parts(std::string_view text);

}  // namespace renxin::notifications::templates
