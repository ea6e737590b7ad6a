#pragma once
// The roster: staff as identity publishes them, kept by every service that follows it. Groups and
// supervisors for the scope, plans for commissions, outside numbers for imports.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/runtime/doctor.h"

namespace renxin::identity::v1 {
class StaffChanged;
class StaffPeriod;
}  // namespace renxin::identity::v1

namespace renxin::runtime {

// The reaction to staff_changed; register it as `<service>_roster`.
Status OnStaffChanged(Tx& tx, const EventContext& ctx, const identity::v1::StaffChanged& event);

// Who everybody is, and of whose group on which day, at one moment: never changed once it is made. One is kept for the
// process, under the stamp of the roster that it was read at (table roster_stamp); scopes, live headers and imports share it.
class Roster {
 public:
  struct Period {
    std::string from;   // a day
    std::string until;  // the first day that is not of it any more; empty: open
    std::string group_no;
    std::string supervisor_no;
    bool operator==(const Period&) const = default;
  };
  struct Member {
    std::string staff_id;
    std::string source;
    std::string staff_no;
    std::vector<Period> periods;
    // The one that holds on `day`; null before the first. Somebody who has left stays where they were last: their records do.
    const Period* On(Day day) const;
  };

  // The roster as this transaction sees it.
  static std::shared_ptr<const Roster> Of(Tx& tx);
  explicit Roster(std::vector<Member> members);

  const Member* ById(std::string_view staff_id) const;
  const Member* ByNumber(std::string_view source, std::string_view staff_no) const;
  // Whether `viewer` sees `staff_id` as one of their group: one group, or `viewer` is the supervisor.
  bool InGroupOf(std::string_view viewer, std::string_view staff_id, Day day) const;
  // All that `viewer` sees so, by id; and the other way round, all who see `staff_id` so.
  std::vector<std::string> GroupOf(std::string_view viewer, Day day) const;
  std::vector<std::string> ViewersOf(std::string_view staff_id, Day day) const;

 private:
  using Key = std::pair<std::string, std::string>;  // source and number
  std::vector<std::string> InGroup(const Member& of, const Period* own, Day day) const;

  std::vector<Member> members_;  // by id
  std::map<Key, const Member*> by_number_;
  std::map<Key, std::vector<const Member*>> by_group_;  // all who ever were of it
  std::map<Key, std::vector<const Member*>> by_supervisor_;
};

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
// Whom the scope sees, by id; `source` empty: of all. At most `limit`, after `after` (a staff id).
std::vector<RosterEntry> ListRoster(Tx& tx, const Scope& scope, std::string_view source, std::string_view after, int limit);

// Whether the stored snapshots can be read and their periods are those that scopes join with (doctor.h).
NamedCheck RosterCheck();

// The period of work that holds on `day`; nothing before the first.
const identity::v1::StaffPeriod* PeriodOn(const identity::v1::StaffChanged& staff, Day day);

}  // namespace renxin::runtime
