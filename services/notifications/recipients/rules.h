#pragma once
// Who wants no more marketing (N3).

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "shared/core/time.h"

namespace renxin::notifications::recipients {

// R, T, TD or 退订: in any case, in full-width forms too, with blanks around it.
bool IsOptOutReply(std::string_view reply);

// What a stop holds for. The numbers are those of the table.
enum class Scope : std::uint8_t {
  kPhone = 1,   // whoever stands behind it: a reply
  kPerson = 2,  // one name with one phone, under every record: staff entered it
  kRecord = 3,  // a customer whatever their phone and name become: staff entered it
};
std::string_view NameOf(Scope scope);

struct Stop {
  Scope scope = Scope::kPhone;
  Instant at;
};

// Only a later express consent of that person, with that phone, lifts a stop; a file never does. `express`: when they gave it.
bool InForce(const Stop& stop, std::optional<Instant> express);
bool IsStopped(const std::vector<Stop>& stops, std::optional<Instant> express);

}  // namespace renxin::notifications::recipients
