#include "services/notifications/recipients/rules.h"

#include <algorithm>

#include "shared/core/normal.h"

namespace renxin::notifications::recipients {

bool IsOptOutReply(std::string_view reply) {
  const std::string text = NormalForm(reply);
  return text == "r" || text == "t" || text == "td" || text == "退订";
}

std::string_view NameOf(Scope scope) {
  switch (scope) {
    case Scope::kPhone:
      return "phone";
    case Scope::kPerson:
      return "person";
    case Scope::kRecord:
      return "record";
  }
  return "";
}

bool InForce(const Stop& stop, std::optional<Instant> express) { return !express || *express <= stop.at; }

bool IsStopped(const std::vector<Stop>& stops, std::optional<Instant> express) {
  return std::any_of(stops.begin(), stops.end(), [&](const Stop& stop) { return InForce(stop, express); });
}

}  // namespace renxin::notifications::recipients
