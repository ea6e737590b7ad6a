#pragma once
// Whose birthday a day is (N2): found through a keyed index of calendar, month and day.

#include <string>
#include <string_view>
#include <vector>

#include "services/leads/customers/store.h"
#include "shared/contract/page.h"
#include "shared/core/lunar.h"

namespace renxin::leads::customers {

// What stands in customers.birthday_index for a person; null when they told none.
db::Value BirthdayIndexOrNull(const Environment& env, const Person& person);

namespace birthdays {

struct Found {
  std::string customer_id;
  Calendar calendar = Calendar::kSolar;
  bool marketing_consent = false;
};

// By id.
inline const contract::List kBirthdayList{"birthdays", {contract::KeyPart::kUuid}};
contract::Paged<Found> Find(Tx& tx, const Environment& env, const std::vector<Birthday>& keys, const std::string& imported_from,
                            const contract::Page& page);

}  // namespace birthdays
}  // namespace renxin::leads::customers
