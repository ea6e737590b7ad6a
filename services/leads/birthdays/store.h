#pragma once
// Whose birthday a day is (N2): found through a keyed index of calendar, month and day.

#include <string>
#include <vector>

#include "shared/contract/page.h"
#include "shared/core/lunar.h"
#include "shared/runtime/context.h"

namespace renxin::leads::birthdays {

struct Found {
  std::string customer_id;
  Calendar calendar = Calendar::kSolar;
  bool marketing_consent = false;
};

// By id.
inline const contract::List kBirthdayList{"birthdays", {contract::KeyPart::kUuid}};
contract::Paged<Found> Find(Tx& tx, const Environment& env, const std::vector<Birthday>& keys, const std::string& imported_from,
                            const contract::Page& page);
// False when there is nothing to confirm (L11).
bool Confirm(Tx& tx, const std::string& customer_id);

}  // namespace renxin::leads::birthdays
