#pragma once
// The roster: staff as identity publishes them, kept by every service that follows it. Groups and
// supervisors for the scope, plans for commissions, outside numbers for imports.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/runtime/doctor.h"

namespace renxin::identity::v1 {
class StaffChanged;
class StaffPeriod;
}  // namespace renxin::identity::v1

namespace renxin::runtime {

// The reaction to staff_changed; register it as `<service>_roster`.
Status OnStaffChanged(Tx& tx, const EventContext& ctx, const identity::v1::StaffChanged& event);

// The staff of the groups that this person supervises or belongs to on `day`, themselves included.
std::vector<std::string> GroupOf(Tx& tx, std::string_view staff_id, Day day);

// outside number → staff id, of those that are known.
std::vector<std::pair<std::string, std::string>> StaffByNumber(Tx& tx, std::string_view source, const std::vector<std::string>& numbers);

struct RosterEntry {
  std::string staff_id;
  std::string source;
  std::string staff_no;
  std::string job;
  std::shared_ptr<const identity::v1::StaffChanged> snapshot;  // never null
  bool readable = true;  // false: the stored snapshot could not be read, nothing is known of their work
};
std::optional<RosterEntry> StaffById(Tx& tx, std::string_view staff_id);
// By source and number; `source` empty: all. At most `limit`, after `after` (a staff id).
std::vector<RosterEntry> ListRoster(Tx& tx, std::string_view source, std::string_view after, int limit);

// Whether the stored snapshots can be read (doctor.h).
NamedCheck RosterCheck();

// The period of work that holds on `day`; nothing before the first.
const identity::v1::StaffPeriod* PeriodOn(const identity::v1::StaffChanged& staff, Day day);

}  // namespace renxin::runtime
