#pragma once
#include <optional>
#include <string>
#include <vector>

#include "services/identity/staff/rules.h"
#include "shared/contract/page.h"
#include "shared/runtime/context.h"

namespace renxin::identity::staff {

struct Staff {
  std::string id;
  std::string source;
  std::string staff_no;
  std::string name;
  std::string job;
  std::string joined_on;
  std::string left_on;
  Period first;  // as of joining
  std::vector<Period> periods;
  std::int64_t version = 1;
};

// P1 and P1's jobs as staff.csv names them.
const std::vector<std::string>& Roles();

void Insert(Tx& tx, const Environment& env, const Staff& staff, std::string_view by, Instant now);
void Update(Tx& tx, const Environment& env, const Staff& staff, std::string_view by, Instant now);
// Writes the move of that day and publishes the person again.
void StoreMove(Tx& tx, const Environment& env, const std::string& move_id, const std::string& staff_id, const Period& move,
               std::string_view by, Instant now);
// Keeps others from changing the row until the transaction ends.
void Lock(Tx& tx, const std::string& id);
std::optional<Staff> Get(Tx& tx, const Environment& env, const std::string& id);
inline const contract::List kStaffList{"staff", {contract::KeyPart::kUuid}};
// What is empty is not asked for.
struct ListFilter {
  std::string source;
  std::string staff_no;
  std::string job;
};
contract::Paged<Staff> List(Tx& tx, const Environment& env, const ListFilter& filter, const contract::Page& page);
// The day of joining; empty for nobody.
std::string JoinedOn(Tx& tx, const std::string& id);
std::optional<std::string> FindByNumber(Tx& tx, const std::string& source, const std::string& number);
std::vector<std::string> KnownNumbers(Tx& tx, const std::string& source, const std::vector<std::string>& numbers);
// C13: everybody, and the sum of their versions.
struct Totals {
  std::int64_t count = 0;
  std::int64_t versions = 0;
};
Totals TotalsOf(Tx& tx);

}  // namespace renxin::identity::staff
